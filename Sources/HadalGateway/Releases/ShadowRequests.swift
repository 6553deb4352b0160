import HadalReleases
import HadalWire
import ServiceLifecycle

/// Has shadows answer, for nobody, what other versions have answered, and compares. It begins when the real answer is
/// over, a few at a time and behind all real requests; what is too much is left out.
final class ShadowRequests: Service {
    struct Question: Sendable {
        let candidate: VersionName
        /// As the other version was asked.
        let request: WorkerRequest
        let answer: Choice
        /// Tokens.
        let length: Int
        let seconds: Double
    }

    private static let runningMax = 4
    private static let waitingMax = 64
    /// Of one answer, from its start to its end.
    private static let timeLimit: Duration = .seconds(600)
    /// How long one may wait at the shadow's worker to be begun.
    private static let startSeconds = 60.0

    private let router: ReleaseRouter
    private let compare: @Sendable (ShadowComparison) -> Void
    private let questions: AsyncStream<Question>
    private let question: AsyncStream<Question>.Continuation

    init(_ router: ReleaseRouter, compare: @escaping @Sendable (ShadowComparison) -> Void) {
        self.router = router
        self.compare = compare
        (questions, question) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waitingMax))
    }

    /// Takes no time.
    func offer(_ question: Question) { self.question.yield(question) }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                var running = 0
                for await question in self.questions {
                    if running == Self.runningMax {
                        await group.next()
                        running -= 1
                    }
                    running += 1
                    group.addTask { await self.ask(question) }
                }
                group.cancelAll()
            }
        }
    }

    private func ask(_ question: Question) async {
        // A shadow that has ended meanwhile.
        guard let deployment = router.version(question.candidate) else { return }
        var comparison = ShadowComparison(
            alias: question.candidate.alias, candidate: question.candidate.number, baselineLength: question.length,
            baselineSeconds: question.seconds)
        let start = ContinuousClock.now
        do {
            let (choice, tokens) = try await withTimeLimit(Self.timeLimit) {
                try await Self.answer(to: question.request, deployment)
            }
            comparison.candidateSeconds = (ContinuousClock.now - start) / .seconds(1)
            comparison.candidateLength = tokens
            comparison.isIdentical = choice.says(question.answer)
            comparison.similarity = TextSimilarity.words(question.answer.text, choice.text)
        } catch {
            if Task.isCancelled { return }
            comparison.candidateFailed = true
        }
        compare(comparison)
    }

    private static func answer(
        to question: WorkerRequest, _ deployment: Deployment
    ) async throws -> (choice: Choice, tokens: Int) {
        var request = question
        request.id = RequestID.make("shadow")
        request.priority = WorkerRequest.priorities.lowerBound
        request.startSeconds = startSeconds
        let hold = deployment.presence.use.begin(request.id)
        defer { hold.end() }
        // One that is unloaded is loaded; one that is down has failed.
        guard deployment.presence.isUsable, try await deployment.presence.returned() != nil else {
            throw GatewayError.notReady(model: deployment.served)
        }
        // Upstreams alone care whose seed it is.
        return try await deployment.client.generate(request, hasOwnSeed: true).whole()
    }
}

extension Choice {
    /// All that the model wrote for its reader.
    fileprivate var text: String { ([content] + calls.map { "\($0.name) \($0.arguments)" }).joined(separator: "\n") }

    fileprivate func says(_ other: Choice) -> Bool {
        text == other.text && reasoning == other.reasoning && finish == other.finish
    }
}
