import HadalWire

extension Deployment {
    /// The first wait before a worker is asked again that cannot be reached, and the longest.
    private static let backOff: (first: Duration, longest: Duration) = (.milliseconds(50), .seconds(2))

    /// Asks the worker. Where it is lost, or is being started anew, that waits for its successor.
    /// - Parameter question: may be asked more than once.
    /// - Throws: what the worker refuses; `GatewayError` where there is no worker in time.
    func ask<Answer: Sendable>(
        _ question: (any ModelClient, WorkerModel) async throws -> Answer
    ) async throws -> Answer {
        let uses = members.map { $0.presence.use.begin() }
        defer { for use in uses { use.end() } }
        var problem: any Error = GatewayError.notReady(model: name)
        var pause = Self.backOff.first
        let deadline = ContinuousClock.now + presence.wait
        while let (member, model) = try await available() {
            do { return try await question(member.client, model) } catch  where Self.isLoss(error) { problem = error }
            // Nobody may have noticed yet that it is gone.
            guard .now + pause < deadline else { break }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, Self.backOff.longest)
        }
        throw problem
    }

    /// Any of the workers that are there, or that comes back in time; nil: none does.
    /// - Throws: `CancellationError`.
    private func available() async throws -> (member: Deployment, model: WorkerModel)? {
        guard !replicas.isEmpty else { return try await presence.returned().map { (self, $0) } }
        if model == nil { _ = try await replicas.anyReturned() }
        let all = replicas.compactMap { member in member.model.map { (member: member, model: $0) } }
        return all.filter { !$0.member.presence.isSetAside }.randomElement() ?? all.randomElement()
    }

    /// Returns once the worker has accepted the request. Dropping what is returned ends the generation.
    /// - Parameter countsPrompt: false for further choices of a prompt that is counted already.
    func generate(_ job: Job, for visit: Visit, countsPrompt: Bool = true) async throws -> WorkerGeneration {
        try await ask { client, model in
            WorkerGeneration(
                job: job, deployment: self,
                stream: try await client.generate(job.request, hasOwnSeed: job.hasOwnSeed), model: model,
                visit: visit, countsPrompt: countsPrompt, use: presence.use.begin(job.request.id))
        }
    }

    /// Returns once the worker after a lost one has accepted what is left of its request.
    /// - Throws: `loss` where there is none in time, or it has another model or cannot go on with what was begun.
    func successor(of lost: WorkerModel, takes job: Job, after loss: any Error) async throws -> WorkerStream {
        guard presence.wait > .zero, client.continuesAnswers || job.request.generated.isEmpty else { throw loss }
        let deadline = ContinuousClock.now + presence.wait
        while true {
            do {
                return try await ask { client, model in
                    guard model.answersLike(lost) else { throw OtherModel() }
                    return try await client.generate(job.request, hasOwnSeed: job.hasOwnSeed)
                }
            } catch is OtherModel {
                throw loss
            } catch let failure as WorkerFailure where failure.code == .queueFull {
                // It was admitted once; others came back first.
                let pause = Duration.seconds(min(failure.retrySeconds ?? 1, 5))
                guard .now + pause < deadline else { throw loss }
                try await Task.sleep(for: pause)
            }
        }
    }

    func tokenize(_ request: TokenizeRequest) async throws -> TokenizedPrompt {
        try await ask { client, _ in try await client.tokenize(request) }
    }

    func text(of tokens: [Int32]) async throws -> String {
        try await ask { client, _ in try await client.detokenize(DetokenizeRequest(tokens: tokens)) }
    }

    /// Whether an error says that the worker went away, so that another could do what it was asked.
    static func isLoss(_ error: any Error) -> Bool {
        switch error {
        case GatewayError.workerLost: true
        case let failure as WorkerFailure: failure.code == .draining || failure.code == .cancelled
        default: false
        }
    }
}

/// The successor would answer something else.
private struct OtherModel: Error {}

extension WorkerModel {
    /// Whether the same request with the same seed gets the same bits, as far as both tell.
    func answersLike(_ other: WorkerModel) -> Bool {
        guard fingerprint == other.fingerprint else { return false }
        guard let digest, let otherDigest = other.digest else { return true }
        return digest == otherDigest
    }
}

extension [Deployment] {
    /// Waits until a worker of any of them is there.
    /// - Returns: whether one is.
    /// - Throws: `CancellationError`.
    func anyReturned() async throws -> Bool {
        if contains(where: { $0.model != nil }) { return true }
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            for member in flatMap(\.members) { group.addTask { try await member.presence.returned() != nil } }
            defer { group.cancelAll() }
            while let isBack = try await group.next() { if isBack { return true } }
            return false
        }
    }
}
