import Foundation
import HadalAccess
import HadalCertificates
import HadalConfiguration
import HadalHTTP
import HadalJSON
import HadalRouting
import HadalSecrets

extension GatewayConfiguration {
    /// What the operator has configured.
    /// - Parameter environment: where secrets may be.
    /// - Throws: `GatewayError`, `LimitError`, `CertificateError`, `SecretsError`, `RuleSetError`, `RouteTableError`.
    public mutating func apply(
        _ settings: HadalSettings, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        listen = try ListenAddress(parsing: settings.listen)
        dataDirectory = settings.data
        isInsecure = settings.insecure
        allowedHosts = Set(settings.allowedHosts)
        apply(settings.server)
        tls = try ServerTLS(settings, host: listen.host)
        workerCertificates = WorkerCertificates(settings)
        batchWindows = settings.batches.timeWindows
        workerWait = settings.workers.wait
        workerSilenceLimit = settings.workers.unresponsive
        access = try AccessSettings(settings, environment: environment)
        content = try ContentConfiguration(settings)
        audit = AuditTrailConfiguration(settings.audit)
        drainLimit = settings.workers.drain
        deployments = settings.deployments.map(ConfiguredDeployment.init)
        outlierEjection = settings.outlierDetection.ejection
        routes = try RouteTable.load(settings.routes, targets: Set(models.map(\.name) + deployments.map(\.name)))
    }

    private mutating func apply(_ server: ServerSettings) {
        bodyBytesLimit = server.bodyLimit
        bodyTimeLimit = server.bodyTime
        requestsLimit = server.requests
        startSecondsMax = server.queueTimeout.map { $0 / .seconds(1) }
        keepAlive = server.keepAlive
        grace = server.grace
        handover = server.handover
        resume = server.resume
        connections.headTime = server.headerTime
        connections.idleTime = server.idleTime
        connections.connectionsPerAddress = server.connectionsPerAddress
        if let limit = server.connections { connections.connections = limit }
    }
}

extension ServerTLS {
    /// - Returns: nil without TLS.
    init?(_ settings: HadalSettings, host: String) throws(CertificateError) {
        let own = CertificateDirectory(data: URL(fileURLWithPath: settings.data))
        let tls = settings.tls
        let source: Source
        switch tls.mode {
        case .off: return nil
        case .automatic:
            // An address that stands for all is none that a client could ask for.
            let names = ["0.0.0.0", "::"].contains(host) ? tls.names : tls.names + [host]
            source = .automatic(
                own, names: try names.map { (name) throws(CertificateError) in try SubjectName(server: name) })
        case .files:
            source = .files(CertificateFiles(certificate: tls.certificate ?? "", key: tls.key ?? ""))
        }
        let trust = tls.clientCA.map { Trust.file($0) } ?? .own(own)
        let clients: ClientCertificates =
            switch tls.clientCertificates {
            case .off: .off
            case .optional: .optional(trust)
            case .required: .required(trust)
            }
        self.init(source, clients: clients, minimumVersion: tls.minimumVersion == .v1_3 ? .tls13 : .tls12)
    }
}

extension AccessSettings {
    init(_ settings: HadalSettings, environment: [String: String]) throws {
        let access = settings.access
        policy.sessionIdle = access.sessions.idle / .seconds(1)
        policy.sessionLength = access.sessions.lifetime / .seconds(1)
        policy.secondFactorLength = access.sessions.secondFactor / .seconds(1)
        policy.attemptsPerName = access.lockout.attempts
        policy.attemptWindow = access.lockout.within / .seconds(1)
        policy.lockLength = access.lockout.lasting / .seconds(1)
        addresses = try AddressRules(allow: access.addresses.allow, deny: access.addresses.deny)
        proxies =
            access.trustedProxies.isEmpty
            ? nil
            : try TrustedProxies(
                access.trustedProxies, header: access.proxyHeader == .forwarded ? .forwarded : .xForwardedFor)
        tokenIssuers = try access.tokenIssuers.map { try TokenIssuer($0, environment: environment) }
        limits = try LimitConfiguration(settings.limits)
    }
}

extension TokenIssuer {
    init(_ settings: TokenIssuerSettings, environment: [String: String]) throws(SecretsError) {
        self.init(issuer: settings.issuer, audiences: Set(settings.audiences))
        algorithms = Set(settings.algorithms.compactMap { TokenAlgorithm(name: $0.rawValue) })
        if let url = settings.keysURL { keySource = .url(url) }
        if let path = settings.keysFile { keySource = .file(path: path) }
        clockSkew = settings.skew / .seconds(1)
        maximumAge = settings.maximumAge.map { $0 / .seconds(1) }
        claims.user = settings.claims.user
        claims.name = settings.claims.name
        claims.email = settings.claims.email
        claims.roles = settings.claims.roles
        tenant =
            settings.claims.tenant.map {
                .claim($0, allowed: settings.tenants.isEmpty ? nil : Set(settings.tenants))
            } ?? .fixed(settings.tenant)
        roleMap = settings.roles
        defaultRoles = Set(settings.defaultRoles)
        requiredClaims = settings.requiredClaims.mapValues { .string($0) }
        authorizedParties = settings.authorizedParties.isEmpty ? nil : Set(settings.authorizedParties)
        oneTimeUse =
            settings.oneTimeUse == .always ? .always : settings.oneTimeClaim.map { .whereClaimed($0) } ?? .never
        secondFactorMethods = Set(settings.secondFactorMethods)
        secondFactorContexts = Set(settings.secondFactorContexts)
        if let clientID = settings.clientID, let redirect = settings.redirect {
            let secret = try SecretPlace(settings.clientSecret)?.read(environment: environment)
            var login = ConsoleLogin(
                clientID: clientID, clientSecret: secret?.text().map { ClientSecret($0) }, redirectURI: redirect)
            login.scopes = settings.scopes
            self.login = login
        }
    }
}

extension LimitConfiguration {
    init(_ settings: LimitSettings) throws(LimitError) {
        self.init()
        defaults = [
            .key: Limits(settings.key), .user: Limits(settings.user), .tenant: Limits(settings.tenant),
            .model: Limits(settings.model),
        ]
        prices = try settings.prices.map { (price) throws(LimitError) in
            try ModelPrice(
                pattern: price.model, promptPerMillion: price.prompt.number,
                cachedPerMillion: price.cached?.number, answerPerMillion: price.answer.number)
        }
        maximumWait = settings.queueWait
        tenantWeights = settings.tenantWeights.mapValues(Double.init)
    }
}

extension Limits {
    fileprivate init(_ allowance: LimitSettings.Allowance) {
        self.init(
            requestsPerMinute: allowance.requestsPerMinute, tokensPerMinute: allowance.tokensPerMinute,
            concurrentRequests: allowance.concurrent, tokensPerDay: allowance.tokensPerDay,
            tokensPerMonth: allowance.tokensPerMonth,
            costPerMonth: allowance.costPerMonth.flatMap { Cost(units: $0.number) })
    }
}

extension Decimal {
    fileprivate var number: Double { NSDecimalNumber(decimal: self).doubleValue }
}
