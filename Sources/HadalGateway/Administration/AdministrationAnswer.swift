import HTTPTypes
import HadalAccess
import HadalCertificates
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird
import Logging

/// `/admin/v1/…`: who may use the server, and what it does with that, as JSON. Each act checks who wants it and is
/// recorded (`AccessAdministration`); here is only how it is asked for.
struct AdministrationAnswer: Sendable {
    /// What a running server can tell of its configuration and do with it.
    struct Configuration: Sendable {
        /// All settings as they count now, without secrets.
        var effective: @Sendable () -> JSON
        /// Reads it again, and takes it over whole or not at all.
        /// - Returns: what has changed.
        var reload: @Sendable () async throws -> JSON
    }

    private static let root = "/admin/v1/"
    /// Bytes of a body: the longest, 4096 ranges of addresses, fit well.
    private static let bodyBytesMax = 1 << 20

    private let access: AccessServices
    private let authentication: Authentication
    private let bodies: RequestBodyReader
    private let certificates: (@Sendable () -> CertificateStatus)?
    private let configuration: Configuration?
    private let cache: ResponseCache?
    private let audit: AuditRecorder?
    private let workers: ServedWorkers?
    private let releases: Releases?
    private let backup: (any BackupKeeper)?
    private let alerts: (any AlertKeeper)?
    private let routing: Routing
    private let arrivals: WorkThreads
    private let acts: WorkThreads

    /// - Parameters:
    ///   - certificates: nil: there is no TLS.
    ///   - configuration: nil: the server was started without one.
    ///   - cache: nil: answers are not given again.
    ///   - audit: nil: no audit trail is written.
    ///   - workers: nil: there are none to tell of.
    ///   - releases: nil: there is no place to keep them.
    ///   - backup: nil: nothing is backed up.
    ///   - alerts: nil: nobody looks at the metrics.
    init(
        access: AccessServices, authentication: Authentication, bodies: RequestBodyReader,
        certificates: (@Sendable () -> CertificateStatus)? = nil, configuration: Configuration? = nil,
        cache: ResponseCache? = nil, audit: AuditRecorder? = nil, workers: ServedWorkers? = nil,
        releases: Releases? = nil, backup: (any BackupKeeper)? = nil, alerts: (any AlertKeeper)? = nil,
        routing: Routing
    ) {
        self.access = access
        self.authentication = authentication
        var bodies = bodies
        bodies.bytesLimit = min(bodies.bytesLimit, Self.bodyBytesMax)
        self.bodies = bodies
        self.certificates = certificates
        self.configuration = configuration
        self.cache = cache
        self.audit = audit
        self.workers = workers
        self.releases = releases
        self.backup = backup
        self.alerts = alerts
        self.routing = routing
        // Apart from each other: strangers who log in must not keep those out who are there.
        arrivals = WorkThreads("hadal.log-in", limit: 32)
        acts = WorkThreads("hadal.administration", limit: 32)
    }

    static func isAbout(_ request: Request) -> Bool { request.uri.path.hasPrefix(root) }

    func response(to request: Request, _ connection: ClientConnection) async -> Response {
        let id = RequestIdentity.current ?? RequestID.make("req")
        var response: Response
        do {
            response = try await answer(request, connection, id)
        } catch {
            let object = ErrorObject(any: error)
            if object.status >= 500 {
                authentication.logger.error(
                    "request failed", metadata: ["path": "\(request.uri.path)", "id": "\(id)", "error": "\(error)"])
            }
            response = ErrorShape.openAI.response(object, error)
        }
        response.headers[.cacheControl] = "no-store"
        return request.method == .head ? Response(status: response.status, headers: response.headers) : response
    }

    private func answer(_ request: Request, _ connection: ClientConnection, _ id: String) async throws -> Response {
        let (route, names) = try AdministrationRoute.find(request.method, request.uri.path, below: Self.root)
        // A page of another site comes with the browser's certificate, or as anybody where nothing must be shown.
        if request.method != .get, request.method != .head { try HostCheck.checkOrigin(request) }
        guard let kept = access.kept else {
            throw ErrorObject.invalidRequest(
                "users and keys need a place to be kept: start the server with --data DIR", code: "not_implemented",
                status: 501)
        }
        let address = authentication.address(of: request, connection)
        var call = AdministrationCall(
            kept: kept, audit: audit, names: names,
            query: request.uri.queryParameters.reduce(into: [:]) { $0[String($1.key)] = String($1.value) },
            queryText: request.uri.query ?? "", body: nil,
            cookies: SessionCookies(request, isSecure: isSecure(request, connection)),
            address: address.map { "\($0)" }, requestID: id)
        switch route.work {
        case .arrive(let body, let work):
            try access.refresh()
            try access.checkAddress(address)
            if body { call.body = try await read(request, connection) }
            let login = LogIn(access: access, threads: arrivals, address: address)
            return try await work(login, call)
        case .act(let body, let work):
            let principal = try await authentication.principal(of: request, connection)
            if body { call.body = try await read(request, connection) }
            let requester = Requester(
                principal, code: request.headers[.oneTimePassword], address: call.address, requestID: id)
            return try await acts.run { [call] in try work(requester, call) }
        case .observe(let body, let endsWithClient, let work):
            let principal = try await authentication.principal(of: request, connection)
            if body { call.body = try await read(request, connection) }
            let requester = Requester(
                principal, code: request.headers[.oneTimePassword], address: call.address, requestID: id)
            let observation = Observation(
                usage: access.usage, certificates: certificates, configuration: configuration, cache: cache,
                workers: workers, releases: releases, backup: backup, alerts: alerts, routing: routing)
            guard endsWithClient else {
                return try await onOtherThreads { [call] in try await work(observation, requester, call) }
            }
            return try await connection.whileOpen { [call] in
                try await onOtherThreads { try await work(observation, requester, call) }
            }
        }
    }

    private func read(_ request: Request, _ connection: ClientConnection) async throws -> JSON {
        try Validation.checkJSONType(request)
        return try await bodies.json(request, connection)
    }

    /// Whether the browser speaks TLS: with us, or with a proxy of ours that says so.
    private func isSecure(_ request: Request, _ connection: ClientConnection) -> Bool {
        if connection.isEncrypted { return true }
        guard let proxies = access.proxies, let peer = connection.remoteAddress.flatMap({ IPAddress($0) }),
            proxies.contains(peer)
        else { return false }
        switch proxies.header {
        case .xForwardedFor: return request.headers[.forwardedProtocol]?.lowercased() == "https"
        case .forwarded: return request.headers[.forwarded]?.lowercased().contains("proto=https") ?? false
        }
    }
}

extension HTTPField.Name {
    fileprivate static let forwardedProtocol = HTTPField.Name("X-Forwarded-Proto")!
    fileprivate static let forwarded = HTTPField.Name("Forwarded")!
}
