import Foundation
import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// How somebody becomes known: with a password, or at a provider.
struct LogIn: Sendable {
    let access: AccessServices
    let threads: WorkThreads
    let address: IPAddress?

    func withPassword(_ call: AdministrationCall) async throws -> Response {
        var fields = try call.fields()
        let name = try fields.requiredString("name")
        let password = try fields.requiredString("password")
        let code = try fields.string("code")
        try fields.finish()
        let session = try await threads.run {
            try call.administration.logIn(
                name: name, password: password, code: code, address: call.address, requestID: call.requestID)
        }
        return try welcome(session, call)
    }

    /// Sends the browser to the provider.
    func atProvider(_ call: AdministrationCall) async throws -> Response {
        let (redirect, secret) = try await provider.begin()
        var response = Response(status: .found, headers: [.location: redirect.absoluteString])
        response.headers.append(call.cookies.beginPending(secret))
        return response
    }

    /// The browser comes back.
    func fromProvider(_ call: AdministrationCall, query: String) async throws -> Response {
        let token = try await provider.finish(query: query, browserSecret: call.cookies.pending ?? "")
        let session = try await threads.run {
            try call.administration.logIn(token: token, address: call.address, requestID: call.requestID)
        }
        var response = try welcome(session, call)
        response.headers.append(call.cookies.endPending)
        return response
    }

    private var provider: OpenIDLogin {
        get throws {
            guard let login = access.login else {
                throw ErrorObject.invalidRequest(
                    "no provider is configured to log in at (access.token_issuers, client_id)", code: "not_found",
                    status: 404)
            }
            return login
        }
    }

    private func welcome(_ new: NewSession, _ call: AdministrationCall) throws -> Response {
        do { try access.checkAddress(address, for: new.principal) } catch {
            try call.kept.control.logOut(sessionToken: new.token)
            throw error
        }
        let seconds = new.session.expires.timeIntervalSince(new.session.created)
        var response = AdministrationReply.created([
            "user": new.principal.json, "csrfToken": .string(new.forgeryToken), "expires": .time(new.session.expires),
        ])
        response.headers.append(call.cookies.begin(new.token, seconds: Int(seconds)))
        return response
    }
}

extension AdministrationRoute {
    static let session: [AdministrationRoute] = [
        AdministrationRoute(.post, "session", .arrive(body: true) { try await $0.withPassword($1) }),
        AdministrationRoute(.get, "session/openid", .arrive(body: false) { try await $0.atProvider($1) }),
        AdministrationRoute(
            .get, "session/openid/callback", .arrive(body: false) { try await $0.fromProvider($1, query: $1.queryText) }
        ),
        get("session") { requester, call in
            try call.checkQuery()
            let token = try call.sessionToken(requester)
            return HTTPReply.json([
                "user": requester.principal.json,
                "csrfToken": .string(call.kept.control.forgeryToken(sessionToken: token)),
            ])
        },
        delete("session") { requester, call in
            try call.administration.logOut(sessionToken: try call.sessionToken(requester), by: requester)
            var response = AdministrationReply.done
            response.headers.append(call.cookies.end)
            return response
        },
        change(.post, "session/second-factor") { requester, call in
            var fields = try call.fields()
            var requester = requester
            requester.code = try fields.requiredString("code")
            try fields.finish()
            let until = try call.administration.showSecondFactor(
                sessionToken: try call.sessionToken(requester), by: requester)
            return HTTPReply.json(["secondFactorUntil": .time(until)])
        },
    ]
}

extension AdministrationCall {
    /// Of the session that the request came with.
    fileprivate func sessionToken(_ requester: Requester) throws(AccessProblem) -> String {
        guard requester.principal.method == .session, let token = cookies.session else {
            throw .conflict("you are here without a session; begin one with POST /admin/v1/session")
        }
        return token
    }
}
