import Synchronization

/// Which version has answered a request, for feedback that comes later: of the last requests, in memory.
final class AnsweredRequests: Sendable {
    struct Answer: Sendable {
        var version: VersionName
        /// The rollout that measured the version when it answered.
        var rollout: Int64?
        /// By whom the release is sticky.
        var subject: String
        /// Who asked: `userID` where there is one, or else `id` of the principal.
        var asker: String
        var tenant: String
    }

    private struct State {
        var answers: [String: Answer] = [:]
        /// In a ring: the oldest goes when a new one comes.
        var ids: [String] = []
        var next = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int = 50_000) { self.limit = limit }

    func note(_ id: String, _ answer: Answer) {
        state.withLock { state in
            guard state.answers.updateValue(answer, forKey: id) == nil else { return }
            if state.ids.count < limit { return state.ids.append(id) }
            state.answers[state.ids[state.next]] = nil
            state.ids[state.next] = id
            state.next = (state.next + 1) % limit
        }
    }

    func answer(_ id: String) -> Answer? { state.withLock { $0.answers[id] } }
}
