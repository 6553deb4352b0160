import Crypto
import Foundation
import Synchronization

/// Remembers which one-time tokens were used, until they have expired. It lies in this process's memory: a token that was used
/// before a restart, or at another gateway, counts once more until its `exp`.
final class TokenReplayMemory: Sendable {
    private struct State {
        var used: [SHA256Digest: Date] = [:]
        /// When expired entries were last removed.
        var cleaned = Date.distantPast
    }

    private let state = Mutex(State())
    private let countLimit: Int

    /// - Parameter countLimit: tokens remembered at a time, about 100 bytes each.
    init(countLimit: Int = 100_000) { self.countLimit = countLimit }

    /// Marks a token as used, once.
    ///
    /// - Parameter end: from when on the token is refused anyway.
    func use(_ id: String, of issuer: String, until end: Date, now: Date) throws(TokenRefusal) {
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        let name = SHA256.hash(data: Data("\(issuer.utf8.count) \(issuer)\(id)".utf8))
        let refusal: TokenRefusal? = state.withLock { state in
            if state.used.count >= countLimit { clean(&state, now) }
            if state.used[name] != nil { return TokenRefusal("it may be used once only and was used before") }
            // To forget one would let it be used again.
            if state.used.count >= countLimit {
                return TokenRefusal("\(countLimit) one-time tokens are in use already", isTemporary: true)
            }
            state.used[name] = end
            return nil
        }
        if let refusal { throw refusal }
    }

    /// At most once a second, so that a full memory costs no more than a look.
    private func clean(_ state: inout State, _ now: Date) {
        guard abs(now.timeIntervalSince(state.cleaned)) >= 1 else { return }
        state.cleaned = now
        state.used = state.used.filter { $0.value > now }
    }
}
