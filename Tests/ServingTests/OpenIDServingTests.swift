import AsyncHTTPClient
import Foundation
import HadalGateway
import HadalJSON
import NIOCore
import NIOHTTP1
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import HadalAccess

/// Log-ins at a real OpenID provider, and its tokens in place of keys.
@Suite(.timeLimit(.minutes(15))) struct OpenIDServingTests {
    /// A provider and a gateway that knows it.
    private struct Place: Sendable {
        let guarded: GuardedServing
        let issuer: String
        /// Follows no redirects.
        let browser: HTTPClient

        func get(_ url: String, cookie: String? = nil) async throws -> (status: UInt, headers: HTTPHeaders, body: JSON)
        {
            var request = HTTPClientRequest(url: url)
            if let cookie { request.headers.add(name: "cookie", value: cookie) }
            let response = try await browser.execute(request, timeout: .seconds(30))
            let body = try await response.body.collect(upTo: 1 << 20)
            return (response.status.code, response.headers, (try? JSON(parsing: body.readableBytesView)) ?? .null)
        }

        /// Goes to the provider and comes back with what it answers.
        func visitProvider() async throws -> (cookie: String, query: String) {
            let begun = try await get(guarded.serving.base + "/admin/v1/session/openid")
            #expect(begun.status == 302 && begun.headers["cache-control"].first == "no-store")
            let cookie = try #require(begun.headers["set-cookie"].first)
            #expect(cookie.contains("; HttpOnly; SameSite=Lax; Path=/admin/v1/session/openid; Max-Age=600"))
            let location = try #require(begun.headers["location"].first)
            #expect(location.hasPrefix(issuer + "/authorize?"))
            let back = try #require(try await get(location).headers["location"].first)
            return (String(cookie.prefix { $0 != ";" }), String(back.drop { $0 != "?" }.dropFirst()))
        }

        func comeBack(_ query: String, cookie: String?) async throws -> (status: UInt, headers: HTTPHeaders, body: JSON)
        {
            try await get(guarded.serving.base + "/admin/v1/session/openid/callback?" + query, cookie: cookie)
        }
    }

    private static func run(_ body: @escaping @Sendable (Place) async throws -> Void) async throws {
        let script = SharedData.repository.appendingPathComponent("Tests/ServingTests/openid_provider.py").path
        let callback = "http://127.0.0.1/admin/v1/session/openid/callback"
        let browser = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: .init(redirectConfiguration: .disallow))
        defer { browser.shutdown { _ in } }
        let result = try await Subprocess.run(
            .path(.init(PythonClient.interpreter)),
            arguments: .init([script, "--algorithm", "ES256", "--redirect-uri", callback]), input: .none,
            output: .sequence, error: .discarded
        ) { execution in
            var lines = execution.standardOutput.strings().makeAsyncIterator()
            let port = try #require(try await lines.next().flatMap { Int($0.trimmingCharacters(in: .whitespaces)) })
            let issuer = "http://127.0.0.1:\(port)"
            var known = TokenIssuer(issuer: issuer, audiences: ["console"])
            known.roleMap = ["staff": "user"]
            known.login = ConsoleLogin(clientID: "console", redirectURI: try #require(URL(string: callback)))
            try await GuardedServing.run(configure: { [known] in $0.access.tokenIssuers = [known] }) { guarded in
                try await body(Place(guarded: guarded, issuer: issuer, browser: browser))
            }
            try? execution.send(signal: .terminate)
        }
        _ = result
    }

    @Test func whoIsLinkedIsLetIn() async throws {
        try await Self.run { place in
            try place.guarded.administration.createUser(
                NewUser(name: "ada", links: [.external(issuer: place.issuer, subject: "ada")]), by: place.guarded.root()
            )
            let (cookie, query) = try await place.visitProvider()
            let answer = try await place.comeBack(query, cookie: cookie)
            #expect(answer.status == 201 && answer.body["user"]?["name"] == "ada", "\(answer.body)")
            let cookies = answer.headers["set-cookie"]
            #expect(cookies.contains { $0.hasPrefix("hadal_login=;") && $0.contains("Max-Age=0") })
            let session = try #require(cookies.first { $0.hasPrefix("hadal_session=") })
            #expect(session.contains("SameSite=Strict"))
            let me = try await place.guarded.admin(.GET, "me", nil, [("cookie", String(session.prefix { $0 != ";" }))])
            #expect(me.json["user"]?["name"] == "ada" && me.json["method"] == "session")
            // The same answer again is a replay.
            #expect(try await place.comeBack(query, cookie: cookie).status == 401)
        }
    }

    @Test func whoIsLinkedWithNobodyIsNot() async throws {
        try await Self.run { place in
            let (cookie, query) = try await place.visitProvider()
            #expect(try await place.comeBack(query, cookie: cookie).status == 401)
            let events = try place.guarded.audit.events(tenant: nil)
            #expect(events.contains { $0.event.action == "session.begin" && $0.event.outcome == .refused })
        }
    }

    @Test func anAnswerThatAnotherBrowserAskedForIsRefused() async throws {
        try await Self.run { place in
            try place.guarded.administration.createUser(
                NewUser(name: "ada", links: [.external(issuer: place.issuer, subject: "ada")]), by: place.guarded.root()
            )
            let (_, query) = try await place.visitProvider()
            let (other, _) = try await place.visitProvider()
            // A page that sends somebody to the callback would log them in as somebody else.
            #expect(try await place.comeBack(query, cookie: nil).status == 401)
            #expect(try await place.comeBack(query, cookie: other).status == 401)
            #expect(try await place.comeBack("", cookie: other).status == 401)
            #expect(try await place.comeBack("state=x&code=y", cookie: other).status == 401)
        }
    }

    @Test func itsTokensCountInPlaceOfKeys() async throws {
        try await Self.run { place in
            func token(_ changes: JSON, header: JSON = [:]) async throws -> String {
                var request = HTTPClientRequest(url: place.issuer + "/sign")
                request.method = .POST
                request.headers.add(name: "content-type", value: "application/json")
                request.body = .bytes(
                    ByteBuffer(string: JSON.object(JSON.Object([("claims", changes), ("header", header)])).text))
                let response = try await place.browser.execute(request, timeout: .seconds(30))
                let body = try await response.body.collect(upTo: 1 << 20)
                return try #require(try JSON(parsing: body.readableBytesView)["token"]?.string)
            }
            let now = Int64(Date().timeIntervalSince1970)
            func claims(_ changes: [(String, JSON)] = []) -> JSON {
                var claims = JSON.Object([
                    ("iss", .string(place.issuer)), ("aud", "console"), ("sub", "eve"), ("iat", .int(now)),
                    ("exp", .int(now + 300)), ("roles", ["staff"]),
                ])
                for (name, value) in changes { claims[name] = value }
                return .object(claims)
            }
            let good = try await token(claims())
            #expect(try await place.guarded.chat(key: good).status == 200)
            #expect(try await place.guarded.admin(.GET, "users", key: good).status == 403)
            for changes: [(String, JSON)] in [
                [("exp", .int(now - 300))], [("aud", "another")], [("iss", "https://evil.example")],
            ] {
                #expect(try await place.guarded.chat(key: try await token(claims(changes))).status == 401, "\(changes)")
            }
            // Roles that mean nothing here give nothing.
            #expect(try await place.guarded.chat(key: try await token(claims([("roles", ["root"])]))).status == 403)
            let parts = good.split(separator: ".")
            #expect(try await place.guarded.chat(key: "\(parts[0]).\(parts[1]).AAAA").status == 401)
            // Where tokens count, nobody is let in without one.
            #expect(try await place.guarded.chat(key: nil).status == 401)
        }
    }
}
