import HadalJSON
import HadalWire

/// Whether a version's worker has the model that it should have, and answers.
struct VersionCheck: Sendable {
    /// Of one short answer.
    private static let timeLimit: Duration = .seconds(60)

    let name: VersionName
    let deployment: Deployment

    /// Waits for the worker to have computed the digest.
    func compare(digest expected: String) async throws {
        let known = deployment.digest
        let found: String?
        if let known { found = known } else { found = try await deployment.client.digested().digest }
        guard let found, found.lowercased() == expected.lowercased() else {
            throw VersionProblem.otherModel(name, expected: expected, found: found ?? "none")
        }
    }

    /// Asks for a few tokens, or for a vector where the model has no others.
    /// - Throws: `VersionProblem.noAnswer`; `CancellationError`.
    func ask() async throws {
        do {
            try await withTimeLimit(Self.timeLimit) { try await self.answer() }
        } catch let error where error is CancellationError || error is VersionProblem {
            throw error
        } catch {
            throw VersionProblem.noAnswer(name, problem: WorkerProblem.text(error))
        }
    }

    private func answer() async throws {
        let abilities = deployment.knownModel?.abilities ?? []
        let id = RequestID.make("verify")
        guard abilities.contains(.chat) || abilities.contains(.completion) else {
            _ = try await deployment.client.embed(EmbedRequest(id: id, inputs: [.text("Hello!")]))
            return
        }
        let messages = WorkerRequest.Prompt.messages([["role": "user", "content": "Hello!"]], variables: JSON.Object())
        var request = WorkerRequest(id: id, prompt: abilities.contains(.chat) ? messages : .plain(.text("Hello!")))
        request.maximumTokens = 8
        request.sampling.seed = 1
        let hold = deployment.presence.use.begin(id)
        defer { hold.end() }
        let answer = try await deployment.client.generate(request, hasOwnSeed: true).whole()
        guard answer.tokens > 0 else { throw VersionProblem.noAnswer(name, problem: "its answer is empty") }
    }
}

extension WorkerStream {
    /// The whole answer.
    /// - Throws: as `forEachEvent`; `WorkerFailure` where the worker gave up.
    func whole() async throws -> (choice: Choice, tokens: Int) {
        var choice = Choice()
        var tokens = 0
        try await forEachEvent { event in
            switch event {
            case .started: return true
            case .delta(let delta):
                choice.append(delta)
                tokens += delta.tokens.count
                return true
            case .finished(let summary):
                choice.close(summary)
                return false
            case .failed(let failure): throw failure
            }
        }
        return (choice, tokens)
    }
}
