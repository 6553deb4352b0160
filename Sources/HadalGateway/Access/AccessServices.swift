import Foundation
import HadalAccess
import Logging
import Synchronization

/// Where users, keys, limits and what was used are kept. Opened once, whatever else changes.
struct AccessStores: Sendable {
    /// nil: nothing is kept, so that there is nobody who could show anything.
    let kept: (database: AccessDatabase, audit: AuditLog)?
    let reviews: ReviewStore
    let usage: UsageStore
    let limiter: Limiter

    init(dataDirectory: String?, encryption: EncryptionAtRest?) throws {
        let data = dataDirectory.map { URL(fileURLWithPath: $0, isDirectory: true) }
        reviews = try ReviewStore(data: data)
        usage = try UsageStore(data: data)
        limiter = try Limiter(LimitConfiguration(), store: usage)
        kept = try data.map {
            (try AccessDatabase(data: $0), try AuditLog(data: $0, seal: encryption.map(AuditSeal.init)))
        }
    }
}

/// Who may use the server, from where and how much, by one configuration.
final class AccessServices: Sendable {
    /// Users and keys, and what was done with them.
    struct Kept: Sendable {
        let control: AccessControl
        let administration: AccessAdministration
        let audit: AuditLog
        let reviews: ReviewStore
        let limits: LimitStore
        let addresses: AddressRuleStore
    }

    let kept: Kept?
    let usage: UsageStore
    let limiter: Limiter
    let tokens: TokenVerifier?
    let login: OpenIDLogin?
    let proxies: TrustedProxies?
    private let guarded: AddressGuard
    private let settings: AccessSettings
    /// `AccessControl.limitsRevision` when the limits were read.
    private let revision = Mutex<Int64>(-1)

    /// - Parameter previous: of the configuration before. One-time tokens that were used stay so, and log-ins go on.
    init(
        _ configuration: GatewayConfiguration, _ stores: AccessStores, provider: IdentityProviderClient,
        replacing previous: AccessServices?
    ) throws {
        settings = configuration.access
        guarded = AddressGuard(server: settings.addresses)
        proxies = settings.proxies
        usage = stores.usage
        limiter = stores.limiter
        // Where tokens count, somebody can show something without being in the database.
        let opensWhenEmpty =
            settings.tokenIssuers.isEmpty && (configuration.listen.isLoopback || configuration.isInsecure)
        kept = try stores.kept.map { [reviews = stores.reviews] database, audit in
            let control = try AccessControl(
                database, policy: configuration.access.policy, opensWhenEmpty: opensWhenEmpty,
                logger: configuration.logger)
            return Kept(
                control: control, administration: AccessAdministration(control, audit: audit), audit: audit,
                reviews: reviews, limits: LimitStore(database), addresses: AddressRuleStore(database))
        }
        tokens = try AccessServices.verifier(settings.tokenIssuers, provider, previous?.tokens)
        login = try AccessServices.login(tokens, provider, previous?.login)
        if kept == nil { try limiter.use(settings.limits, overrides: []) }
        try refresh()
    }

    private static func verifier(
        _ issuers: [TokenIssuer], _ provider: IdentityProviderClient, _ previous: TokenVerifier?
    ) throws -> TokenVerifier? {
        guard !issuers.isEmpty else { return nil }
        return try TokenVerifier(issuers: issuers, fetch: provider.fetch, replacing: previous)
    }

    /// At the first issuer that people can log in with.
    private static func login(
        _ verifier: TokenVerifier?, _ provider: IdentityProviderClient, _ previous: OpenIDLogin?
    ) throws -> OpenIDLogin? {
        guard let verifier, let issuer = verifier.issuers.first(where: { $0.login != nil }) else { return nil }
        return try OpenIDLogin(
            issuer: issuer.issuer, verifier: verifier, fetch: provider.fetch, post: provider.post,
            replacing: previous)
    }

    /// Whether anybody could show anything.
    var hasCredentials: Bool {
        get throws { try tokens != nil || kept.map { try !$0.control.isOpen() } ?? false }
    }

    /// Takes over limits and address rules that any process has changed. Takes microseconds where none has.
    /// - Parameter asks: whether the database must be asked whether there are any: not again for a request whose
    ///   credentials were just looked up.
    func refresh(asks: Bool = true) throws {
        guard let kept else { return }
        let current = asks ? try kept.control.limitsRevision() : kept.control.seenLimitsRevision
        guard revision.withLock({ $0 != current }) else { return }
        try limiter.use(settings.limits, overrides: try kept.limits.all())
        guarded.use(server: settings.addresses, subjects: try kept.addresses.all())
        revision.withLock { $0 = current }
    }

    func checkAddress(_ address: IPAddress?) throws(AccessError) {
        if let address { try guarded.check(address) }
    }

    func checkAddress(_ address: IPAddress?, for principal: Principal) throws(AccessError) {
        if let address { try guarded.check(address, for: principal) }
    }
}
