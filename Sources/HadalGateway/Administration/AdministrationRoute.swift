import HTTPTypes
import HadalAccess
import Hummingbird

/// One thing that can be asked of the administration: a method, a path below `/admin/v1/` and what is done.
struct AdministrationRoute: Sendable {
    enum Work: Sendable {
        /// By somebody who is known. It may block.
        case act(body: Bool, @Sendable (Requester, AdministrationCall) throws -> Response)
        /// By somebody who is known, and it waits for others; where `endsWithClient`, only as long as the client does.
        case observe(
            body: Bool = false, endsWithClient: Bool = false,
            @Sendable (Observation, Requester, AdministrationCall) async throws -> Response)
        /// By somebody who is about to be known.
        case arrive(body: Bool, @Sendable (LogIn, AdministrationCall) async throws -> Response)
    }

    let method: HTTPRequest.Method
    let pattern: PathPattern
    let work: Work

    /// - Parameter path: below the root; `*` stands for a name.
    init(_ method: HTTPRequest.Method, _ path: String, _ work: Work) {
        self.method = method
        pattern = PathPattern("/" + path)
        self.work = work
    }

    static func get(
        _ path: String, _ act: @escaping @Sendable (Requester, AdministrationCall) throws -> Response
    ) -> AdministrationRoute {
        AdministrationRoute(.get, path, .act(body: false, act))
    }

    static func delete(
        _ path: String, _ act: @escaping @Sendable (Requester, AdministrationCall) throws -> Response
    ) -> AdministrationRoute {
        AdministrationRoute(.delete, path, .act(body: false, act))
    }

    /// With a body.
    static func change(
        _ method: HTTPRequest.Method, _ path: String,
        _ act: @escaping @Sendable (Requester, AdministrationCall) throws -> Response
    ) -> AdministrationRoute {
        AdministrationRoute(method, path, .act(body: true, act))
    }

    private static let all =
        session + own + users + keys + roles + tenants + limits + observation + audit + cache + trail + reviews
        + workers + routes + upstreams + deployments + releases + backup + alerts

    /// - Returns: the route and what stands for its names.
    static func find(
        _ method: HTTPRequest.Method, _ path: String, below root: String
    ) throws(GatewayError) -> (route: AdministrationRoute, names: [String]) {
        let segments = PathPattern.segments("/" + path.dropFirst(root.count))
        var allowed: [String] = []
        for route in all {
            guard let names = route.pattern.names(in: segments) else { continue }
            if route.method == method || (route.method == .get && method == .head) { return (route, names) }
            allowed.append(route.method.rawValue)
        }
        guard !allowed.isEmpty else { throw .noRoute(path: path) }
        throw .methodNotAllowed(method: method.rawValue, path: path, allowed: allowed)
    }
}
