import Foundation
import Logging

/// Says who asks and whether they may: the face of identity and authorisation for the gateway and the commands. What
/// each request needs is answered from memory; `logIn` and the second factor go to the database.
public final class AccessControl: Sendable {
    public let policy: AccessPolicy
    let database: AccessDatabase
    let cache: DirectoryCache
    let uses: UseRecorder
    let secondFactors: SecondFactors
    let lockOut: LockOut
    let passwords: PasswordChecker
    let opensWhenEmpty: Bool

    /// - Parameter opensWhenEmpty: whether everybody may do everything while there is neither a user nor a key. It must
    ///   be so only where nobody else can connect (loopback), or the operator wants it (`--insecure`).
    public init(
        _ database: AccessDatabase, policy: AccessPolicy = AccessPolicy(), opensWhenEmpty: Bool,
        logger: Logger = Logger(label: "hadal.access")
    ) throws(AccessStoreError) {
        self.database = database
        self.policy = policy
        self.opensWhenEmpty = opensWhenEmpty
        cache = try DirectoryCache(database)
        uses = UseRecorder(database, logger: logger)
        secondFactors = SecondFactors(data: database.url.deletingLastPathComponent())
        lockOut = LockOut(database: database, policy: policy)
        passwords = try PasswordChecker(policy.passwordCost)
    }

    /// Whether there is neither a user nor a key, so that nothing could be shown.
    public func isOpen() throws(AccessError) -> Bool { try directory().isEmpty }

    var dataDirectory: URL { database.url.deletingLastPathComponent() }

    /// Another number whenever any process has changed limits or lists of addresses (`LimitStore`,
    /// `AddressRuleStore`): then read them again. Takes microseconds.
    public func limitsRevision() throws(AccessError) -> Int64 {
        try unlessUnavailable { () throws(AccessStoreError) in try cache.limitsRevision() }
    }

    /// The same as it was when somebody was last authenticated, or the database asked in another way.
    public var seenLimitsRevision: Int64 { cache.seenLimitsRevision }

    /// Waits until what is written in the background is on disk. For the end of a process.
    public func flush() { uses.flush() }

    /// Who sends a request. Where it shows several things, the first of these counts alone, right or wrong: a token
    /// or key, a session, a client certificate.
    public func authenticate(_ credentials: Credentials, now: Date = Date()) throws(AccessError) -> Principal {
        let (directory, sessions) = try unlessUnavailable { () throws(AccessStoreError) in try cache.current() }
        if let token = credentials.token { return try principal(of: token, directory) }
        // Where nothing is right, nothing is wrong either: many clients cannot be kept from sending some key.
        if opensWhenEmpty, directory.isEmpty { return .open }
        if let bearer = credentials.bearer { return try principal(ofKey: bearer, directory, now) }
        if let token = credentials.sessionToken {
            let session = try openSession(token, sessions, now)
            if credentials.isChange { try checkForgeryToken(credentials.forgeryToken, of: token) }
            uses.note(session: session.id, at: now)
            return try principal(of: session, directory)
        }
        if let certificate = credentials.certificate { return try principal(of: certificate, directory) }
        throw .credentialsNeeded
    }

    func directory() throws(AccessError) -> Directory {
        try unlessUnavailable { () throws(AccessStoreError) in try cache.directory() }
    }

    // MARK: Keys

    private func principal(ofKey text: String, _ directory: Directory, _ now: Date) throws(AccessError) -> Principal {
        guard let text = KeyText(parsing: text) else { throw .credentialsRefused(detail: "not the form of a key") }
        let entry = directory.keys[text.prefix]
        // Both are compared each time, and something is where no key has the prefix.
        let isCurrent = Secret.matches(text.text, entry?.hash ?? AccessControl.nobodysHash)
        let isPrevious = Secret.matches(text.text, entry?.previousHash ?? AccessControl.nobodysHash)
        guard let key = entry?.key else { throw .credentialsRefused(detail: "no key begins '\(text.prefix)'") }
        let previousCounts = key.previousUntil.map { now < $0 } ?? false
        guard isCurrent || isPrevious && previousCounts else {
            throw .credentialsRefused(
                detail: isPrevious ? "an older secret of key '\(key.prefix)'" : "a wrong secret for key '\(key.prefix)'"
            )
        }
        let principal = try directory.principal(of: key, now: now)
        uses.note(key: key.id, at: now)
        return principal
    }

    private static let nobodysHash = Secret.hash(Secret.make())

    // MARK: Tokens and certificates

    private func principal(of token: VerifiedToken, _ directory: Directory) throws(AccessError) -> Principal {
        let until = secondFactorUntil(token)
        if let user = directory.user(linked: .external(issuer: token.issuer, subject: token.subject)) {
            return try directory.principal(of: user, method: .token, until: until)
        }
        let tenant = try directory.enabledTenant(token.tenant)
        return Principal(
            id: "token:\(token.issuer)#\(token.subject)", name: token.name ?? token.subject, userID: nil,
            tenant: tenant,
            method: .token, grants: directory.grants(of: token.roles, in: tenant.name), secondFactorUntil: until)
    }

    /// A second factor that was shown to the issuer counts as long as one that was shown to us.
    private func secondFactorUntil(_ token: VerifiedToken) -> Date? {
        guard token.secondFactorShown else { return nil }
        return token.authenticated?.addingTimeInterval(policy.secondFactorLength)
    }

    private func principal(
        of certificate: Credentials.Certificate, _ directory: Directory
    ) throws(AccessError) -> Principal {
        let names = [certificate.commonName].compactMap { $0 }.map(IdentityLink.certificateName)
        let links =
            [IdentityLink.certificateFingerprint(certificate.fingerprint)]
            + certificate.uris.map(IdentityLink.certificateURI)
            + certificate.emails.map(IdentityLink.certificateEmail) + names
        let users = Set(links.compactMap { directory.user(linked: $0) })
        guard let user = users.first else { throw .credentialsRefused(detail: "the certificate is no user's") }
        guard users.count == 1 else { throw .credentialsRefused(detail: "the certificate is that of several users") }
        return try directory.principal(of: user, method: .certificate)
    }
}
