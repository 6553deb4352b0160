import Crypto
import Foundation
import Synchronization

/// The log-ins that browsers were sent away for and have not come back from.
final class PendingLogins: Sendable {
    struct Login: Sendable {
        /// What a token must say so that it answers this log-in and no other.
        let nonce = Secret.make()
        /// PKCE (RFC 7636): only who has it can redeem the code.
        let codeVerifier = Secret.make()
        fileprivate let browser: SHA256Digest
        fileprivate let began: Date

        /// RFC 7636 section 4.2, `S256`.
        var codeChallenge: String { Base64URL.encode(SHA256.hash(data: Data(codeVerifier.utf8))) }
    }

    /// Seconds that a log-in may take.
    static let lifetime: TimeInterval = 600

    // By the hash of their state, so that looking one up says nothing about how others begin.
    private let logins = Mutex<[SHA256Digest: Login]>([:])
    private let countLimit: Int

    /// - Parameter countLimit: where more are begun, the oldest are forgotten: a flood then has to last for as long as somebody
    ///   takes to log in, where refusing new ones would shut everybody out at once.
    init(countLimit: Int = 10_000) { self.countLimit = countLimit }

    /// - Returns: `state` goes to the provider and comes back, `browserSecret` stays with the browser.
    func begin(now: Date) -> (login: Login, state: String, browserSecret: String) {
        let (state, secret) = (Secret.make(), Secret.make())
        let login = Login(browser: Self.hash(secret), began: now)
        logins.withLock { logins in
            if logins.count >= countLimit { Self.makeRoom(in: &logins, limit: countLimit, now) }
            logins[Self.hash(state)] = login
        }
        return (login, state, secret)
    }

    /// Takes a log-in out, so that nobody finishes it twice.
    func finish(state: String, browserSecret: String, now: Date) throws(TokenRefusal) -> Login {
        let result: Result<Login, TokenRefusal> = logins.withLock { logins in
            guard let login = logins[Self.hash(state)] else {
                return .failure(TokenRefusal("no log-in with this 'state' was begun here, or it was finished before"))
            }
            // Digests are compared in constant time. A stranger's browser must not end the log-in either.
            guard login.browser == Self.hash(browserSecret) else {
                return .failure(TokenRefusal("another browser began this log-in"))
            }
            logins[Self.hash(state)] = nil
            guard login.isPending(at: now) else {
                return .failure(TokenRefusal("the log-in took more than \(Int(Self.lifetime)) seconds"))
            }
            return .success(login)
        }
        return try result.get()
    }

    var count: Int { logins.withLock(\.count) }

    /// Removes what is too old, or else the oldest eighth, so that a flood does not look through all each time.
    private static func makeRoom(in logins: inout [SHA256Digest: Login], limit: Int, _ now: Date) {
        logins = logins.filter { $0.value.isPending(at: now) }
        guard logins.count >= limit else { return }
        let oldest = logins.sorted { $0.value.began < $1.value.began }.prefix(max(1, limit / 8))
        for (state, _) in oldest { logins[state] = nil }
    }

    private static func hash(_ text: String) -> SHA256Digest { SHA256.hash(data: Data(text.utf8)) }
}

extension PendingLogins.Login {
    fileprivate func isPending(at now: Date) -> Bool {
        now.timeIntervalSince(began) <= PendingLogins.lifetime
    }
}
