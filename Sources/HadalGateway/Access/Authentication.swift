import HTTPTypes
import HadalAccess
import HadalHTTP
import HadalRouting
import Hummingbird
import Logging

/// Finds out who asks, and whether they may ask this.
struct Authentication: Sendable {
    let access: AccessServices
    let spaces: TenantSpaces
    /// All that the server was started with.
    let served: [Deployment]
    /// nil: there are no releases.
    let releases: ReleaseRouter?
    let routes: RouteTable
    let logger: Logger

    /// - Parameter creator: who made the batch that the request is a line of.
    func caller(
        of request: Request, for route: Route, _ connection: ClientConnection, _ creator: Principal?
    ) async throws -> Caller {
        let principal: Principal
        if let creator {
            principal = try access.kept?.control.current(creator) ?? creator
            if let permission = route.permission { try allow(principal, permission) }
        } else if let permission = route.permission {
            principal = try await self.principal(of: request, connection)
            try allow(principal, permission)
        } else {
            // Whoever they are, they may ask; what they read is theirs to see.
            principal = (try? await self.principal(of: request, connection)) ?? .nobody
        }
        let space = try spaces.space(of: principal.tenant)
        return Caller(
            principal: principal, space: space,
            deployments: Deployments(
                served: served,
                released: releases.map {
                    ReleasedModels(
                        router: $0, asker: ReleaseAsker(principal),
                        mayTry: principal.permissions.contains(.manageReleases))
                },
                variants: space.variants, routes: routes
            ) {
                principal.mayUse(model: $0)
            },
            connection: connection, isBackground: creator != nil)
    }

    /// Who sends the request; from an address that is let in.
    func principal(of request: Request, _ connection: ClientConnection) async throws -> Principal {
        let address = address(of: request, connection)
        let principal: Principal
        do throws(AccessError) {
            try access.checkAddress(address)
            guard let control = access.kept?.control else { return .open }
            let shown = ShownCredentials(request, connection)
            let token = try await verify(shown)
            principal = try control.authenticate(shown.credentials(token))
        } catch {
            note(error, request, address)
            throw error
        }
        try access.refresh(asks: false)
        do throws(AccessError) { try access.checkAddress(address, for: principal) } catch {
            note(error, request, address)
            throw error
        }
        return principal
    }

    private func verify(_ shown: ShownCredentials) async throws(AccessError) -> VerifiedToken? {
        guard let verifier = access.tokens, let token = shown.token else { return nil }
        return try await verifier.verify(token)
    }

    private func allow(_ principal: Principal, _ permission: Permission) throws(AccessError) {
        guard let control = access.kept?.control else { return }
        try control.authorise(principal, permission)
    }

    /// Of whom the request is: behind a proxy of ours, of whom it says.
    func address(of request: Request, _ connection: ClientConnection) -> IPAddress? {
        guard let peer = connection.remoteAddress.flatMap({ IPAddress($0) }) else { return nil }
        guard let proxies = access.proxies, let name = HTTPField.Name(proxies.header.rawValue) else { return peer }
        return proxies.client(peer: peer, request.headers[values: name])
    }

    /// What a client is not told stands in the log.
    private func note(_ error: AccessError, _ request: Request, _ address: IPAddress?) {
        var metadata: Logger.Metadata = [
            "path": "\(request.uri.path)", "address": "\(address.map { "\($0)" } ?? "none")",
        ]
        switch error {
        case .credentialsNeeded: return
        case .credentialsRefused(let detail), .unavailable(let detail): metadata["detail"] = "\(detail)"
        default: metadata["detail"] = "\(error)"
        }
        logger.notice("a request was refused", metadata: metadata)
    }
}

extension Principal {
    /// Somebody who has shown nothing where something must be shown.
    static let nobody = Principal(
        id: "nobody", name: "nobody", tenant: defaultTenant, method: .open, permissions: [], models: [.only([])])
}
