import Foundation
import HadalGateway
import HadalJSON
import NIOHTTP1
import Testing

@testable import HadalAccess

/// `/admin/v1/…`: what it does, and what it refuses to whom.
@Suite(.timeLimit(.minutes(10))) struct AdministrationTests {
    // MARK: sessions

    @Test func aSessionIsACookieThatScriptsAndOtherSitesDoNotGet() async throws {
        try await GuardedServing.run { guarded in
            try guarded.user("ana")
            let answer = try await guarded.logIn("ana")
            #expect(answer.status == 201 && answer.json["user"]?["name"] == "ana")
            #expect(answer.headers["cache-control"].first == "no-store")
            #expect(answer.headers["x-request-id"].first?.hasPrefix("req-") == true)
            let cookie = try #require(answer.headers["set-cookie"].first)
            for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
                #expect(cookie.contains("; \(part)"))
            }
            #expect(cookie.hasPrefix("hadal_session=") && !cookie.contains("Secure"))
            let token = String(cookie.dropFirst("hadal_session=".count).prefix { $0 != ";" })
            #expect(!answer.body.contains(token))
        }
    }

    @Test func behindAProxyWithTLSTheCookieGoesByTLSAlone() async throws {
        try await GuardedServing.run(configure: { $0.access.proxies = try? TrustedProxies(["127.0.0.0/8"]) }) {
            guarded in
            try guarded.user("ana")
            let body: JSON = ["name": "ana", "password": .string(GuardedServing.password)]
            for (scheme, isSecure) in [("https", true), ("http", false)] {
                let answer = try await guarded.admin(.POST, "session", body, [("x-forwarded-proto", scheme)])
                #expect(answer.headers["set-cookie"].first?.hasSuffix("; Secure") == isSecure)
            }
        }
    }

    @Test func whoIsNoProxyOfOursSaysNothingAboutTLS() async throws {
        try await GuardedServing.run { guarded in
            try guarded.user("ana")
            let body: JSON = ["name": "ana", "password": .string(GuardedServing.password)]
            let answer = try await guarded.admin(.POST, "session", body, [("x-forwarded-proto", "https")])
            #expect(answer.headers["set-cookie"].first?.contains("Secure") == false)
        }
    }

    @Test func changesNeedTheTokenThatOtherSitesDoNotHave() async throws {
        try await GuardedServing.run { guarded in
            try guarded.user("ana", ["administrator"])
            let ana = try await guarded.browser("ana")
            let other = try await guarded.browser("ana")
            let cookie = [("cookie", ana.cookie)]
            #expect(try await guarded.admin(.GET, "me", nil, cookie).status == 200)
            for forged in [nil, "", "x", other.token, String(ana.token.dropLast())] {
                let answer = try await guarded.admin(
                    .POST, "users", ["name": "eve"], cookie + (forged.map { [("x-csrf-token", $0)] } ?? []))
                #expect(answer.status == 403 && answer.errorCode == "csrf_token_needed", "\(forged ?? "none")")
                #expect(try await guarded.admin(.DELETE, "session", nil, cookie).status == 403)
                // A conversation is a change too.
                #expect(try await guarded.send(.POST, "/v1/chat/completions", ["model": "x"], cookie).status == 403)
            }
            #expect(try await guarded.admin(.POST, "users", ["name": "bo"], as: ana).status == 201)
            let session = try await guarded.admin(.GET, "session", as: ana)
            #expect(session.json["csrfToken"]?.string == ana.token)
        }
    }

    @Test func pagesOfOtherSitesAreRefusedWhateverTheyShow() async throws {
        try await GuardedServing.run { guarded in
            let evil = [("origin", "https://evil.example")]
            // Open to all who are on this machine, but not to what their browsers were lured to.
            let create = try await guarded.admin(.POST, "users", ["name": "eve"], evil)
            #expect(create.status == 421 && create.errorCode == "host_not_allowed")
            try guarded.user("ana", ["administrator"])
            let body: JSON = ["name": "ana", "password": .string(GuardedServing.password)]
            #expect(try await guarded.admin(.POST, "session", body, evil).status == 421)
            let ana = try await guarded.browser("ana")
            #expect(try await guarded.admin(.DELETE, "me/sessions", as: ana, evil).status == 421)
            #expect(
                try await guarded.admin(.DELETE, "me/sessions", as: ana, [("origin", guarded.serving.base)]).status
                    == 204)
        }
    }

    @Test func bodiesOfOtherTypesAreRefused() async throws {
        try await GuardedServing.run { guarded in
            for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
                let answer = try await guarded.serving.post(
                    "/admin/v1/session", #"{"name":"a","password":"b"}"#, type: type)
                #expect(answer.status == 415)
            }
        }
    }

    @Test func whoLogsOutIsOut() async throws {
        try await GuardedServing.run { guarded in
            try guarded.user("ana")
            let ana = try await guarded.browser("ana")
            let answer = try await guarded.admin(.DELETE, "session", as: ana)
            #expect(answer.status == 204 && answer.headers["set-cookie"].first?.contains("Max-Age=0") == true)
            #expect(try await guarded.admin(.GET, "me", as: ana).status == 401)
        }
    }

    @Test func tooManyWrongPasswordsLockTheNameAndTheRightOneToo() async throws {
        try await GuardedServing.run { guarded in
            try guarded.user("ana")
            try guarded.user("bo")
            var bodies: Set<String> = []
            for name in ["ana", "nobody-of-that-name"] {
                for _ in 0..<5 {
                    let answer = try await guarded.logIn(name, "wrong")
                    #expect(answer.status == 401)
                    bodies.insert(answer.body)
                }
                let locked = try await guarded.logIn(name)
                #expect(locked.status == 429 && locked.errorCode == "locked_out")
                #expect(try #require(locked.headers["retry-after"].first.flatMap { Int($0) }) > 800)
            }
            #expect(bodies.count == 1, "whether there is such a user is not told")
            #expect(try await guarded.logIn("bo").status == 201)
            let root = try guarded.key(["administrator"]).secret
            #expect(try await guarded.admin(.DELETE, "users/ana/lock", key: root).status == 204)
            #expect(try await guarded.logIn("ana").status == 201)
        }
    }

    // MARK: second factor

    @Test func criticalActsWantASecondFactorHoweverValidTheSessionIs() async throws {
        try await GuardedServing.run { guarded in
            try guarded.user("ana", ["administrator"])
            try guarded.user("bo")
            let ana = try await guarded.browser("ana")
            let promote: JSON = ["roles": ["user", "auditor"]]
            let none = try await guarded.admin(.PATCH, "users/bo", promote, as: ana)
            #expect(none.status == 403 && none.errorCode == "second_factor_not_set_up")
            let codes = try await guarded.setUpSecondFactor(ana)
            let missing = try await guarded.admin(.PATCH, "users/bo", promote, as: ana)
            #expect(missing.status == 401 && missing.errorCode == "second_factor_needed")
            let wrong = try await guarded.admin(.PATCH, "users/bo", promote, as: ana, code: "000000")
            #expect(wrong.status == 401 && wrong.errorCode == "second_factor_wrong")
            #expect(try await guarded.admin(.PATCH, "users/bo", promote, as: ana, code: codes[0]).status == 200)
            // Once.
            #expect(try await guarded.admin(.PATCH, "users/bo", promote, as: ana, code: codes[0]).status == 401)
            let role: JSON = ["name": "reader", "permissions": ["conversations.read"]]
            #expect(try await guarded.admin(.POST, "roles", role, as: ana).status == 401)
            let shown = try await guarded.admin(.POST, "session/second-factor", ["code": .string(codes[1])], as: ana)
            #expect(shown.status == 200 && shown.json["secondFactorUntil"]?.string != nil)
            #expect(try await guarded.admin(.POST, "roles", role, as: ana).status == 201)
            #expect(try await guarded.admin(.DELETE, "roles/reader", as: ana).status == 204)
            // Another session of theirs has not shown it, and cannot begin without.
            #expect(try await guarded.logIn("ana").errorCode == "second_factor_needed")
            let second = try await guarded.browser("ana", code: codes[2])
            #expect(try await guarded.admin(.POST, "roles", role, as: second).status == 201)
        }
    }

    @Test func programsHaveNoSecondFactorToShow() async throws {
        try await GuardedServing.run { guarded in
            try guarded.user("bo")
            let key = try guarded.key(["administrator"]).secret
            let answer = try await guarded.admin(
                .PATCH, "users/bo", ["roles": ["administrator"]], key: key, code: "123456")
            #expect(answer.status == 403 && answer.errorCode == "second_factor_not_set_up")
        }
    }

    // MARK: climbing

    /// Who is not allowed what; each request is tried with each of them.
    @Test func nobodyClimbs() async throws {
        try await GuardedServing.run(tenants: ["red"]) { guarded in
            let root = try guarded.key(["administrator"])
            try guarded.user("ana", ["administrator"])
            let requests: [(HTTPMethod, String, JSON?)] = [
                (.GET, "users", nil), (.POST, "users", ["name": "eve"]), (.GET, "users/ana", nil),
                (.PATCH, "users/ana", ["roles": ["user"]]), (.DELETE, "users/ana", nil),
                (.PUT, "users/ana/password", ["password": "another long passphrase"]),
                (.DELETE, "users/ana/password", nil), (.DELETE, "users/ana/second-factor", nil),
                (.DELETE, "users/ana/lock", nil), (.GET, "users/ana/sessions", nil),
                (.DELETE, "users/ana/sessions", nil), (.POST, "keys", ["name": "k", "roles": ["administrator"]]),
                (.POST, "keys", ["name": "k", "user": "ana"]), (.DELETE, "keys/\(root.key.id)", nil),
                (.POST, "keys/\(root.key.id)/rotate", ["overlap": 0]),
                (.PATCH, "keys/\(root.key.id)", ["name": "mine"]), (.GET, "audit/export", nil),
                (.POST, "roles", ["name": "r", "permissions": ["masks.read"]]),
                (.PATCH, "roles/user", ["permissions": ["masks.read"]]), (.DELETE, "roles/user", nil),
                (.GET, "tenants", nil), (.POST, "tenants", ["name": "t"]), (.PATCH, "tenants/red", ["enabled": false]),
                (.DELETE, "tenants/red", nil), (.GET, "limits", nil),
                (.PUT, "limits", ["limits": ["requests-per-minute": "none"]]), (.DELETE, "limits", nil),
                (.GET, "addresses", nil), (.PUT, "addresses", ["tenant": "red", "deny": ["0.0.0.0/0"]]),
                (.GET, "usage", nil), (.GET, "audit", nil), (.GET, "certificates", nil), (.GET, "configuration", nil),
                (.POST, "configuration/reload", nil),
            ]
            let user = try guarded.key(["user"]).secret
            let manager = try guarded.key(["model-manager"]).secret
            for (method, path, body) in requests {
                for key in [user, manager] {
                    // What the model manager has and users have not.
                    if key == manager, ["limits", "addresses", "usage"].contains(path), method == .GET { continue }
                    let answer = try await guarded.admin(method, path, body, key: key)
                    let isHidden = path.hasPrefix("keys/") && answer.status == 404
                    #expect(answer.status == 403 || isHidden, "\(method) \(path): \(answer.status) \(answer.body)")
                }
                #expect(try await guarded.admin(method, path, body).status == 401, "\(method) \(path)")
            }
            #expect(try await guarded.admin(.GET, "users/ana", key: root.secret).json["roles"] == ["administrator"])
        }
    }

    @Test func anAdministratorOfATenantReachesNobodyElse() async throws {
        try await GuardedServing.run(tenants: ["red", "blue"]) { guarded in
            let red = try guarded.key(["administrator", "auditor"], tenant: "red").secret
            try guarded.user("ann", tenant: "red")
            try guarded.user("bob", tenant: "blue")
            let blueKey = try guarded.key(tenant: "blue")
            #expect(try await guarded.admin(.GET, "users", key: red).names == ["ann"])
            let attacks: [(HTTPMethod, String, JSON?)] = [
                (.GET, "users/bob", nil), (.PATCH, "users/bob", ["enabled": false]), (.DELETE, "users/bob", nil),
                (.PUT, "users/bob/password", ["password": "another long passphrase"]),
                (.GET, "users/bob/sessions", nil),
                (.DELETE, "users/bob/sessions", nil), (.DELETE, "keys/\(blueKey.key.id)", nil),
                (.POST, "keys/\(blueKey.key.id)/rotate", ["overlap": 0]), (.GET, "keys/\(blueKey.key.id)", nil),
                (.PATCH, "keys/\(blueKey.key.id)", ["expires": "none"]),
                (.POST, "keys", ["name": "k", "user": "bob"]),
                (.POST, "keys", ["name": "k", "roles": ["user"], "tenant": "blue"]),
                (.POST, "users", ["name": "eve", "tenant": "blue"]),
                (.POST, "users", ["name": "eve", "tenant": "default"]),
                (.GET, "tenants/blue", nil), (.GET, "audit?tenant=blue", nil), (.GET, "usage?tenant=blue", nil),
            ]
            for (method, path, body) in attacks {
                let answer = try await guarded.admin(method, path, body, key: red)
                #expect(answer.status == 404, "\(method) \(path): \(answer.status) \(answer.body)")
            }
            for (method, path, body) in [
                (.POST, "tenants", ["name": "t"]), (.PUT, "limits", ["limits": ["tokens-per-day": 1]]),
                (.GET, "limits", nil), (.GET, "certificates", nil), (.GET, "configuration", nil),
            ] as [(HTTPMethod, String, JSON?)] {
                #expect(try await guarded.admin(method, path, body, key: red).status == 403, "\(path)")
            }
            let events = try await guarded.admin(.GET, "audit", key: red).json["data"]?.array ?? []
            #expect(!events.isEmpty && events.allSatisfy { $0["tenant"] == "red" })
            #expect(try await guarded.chat(key: blueKey.secret).status == 200)
        }
    }

    // MARK: what it does

    @Test func usersAndTheirKeysComeAndGo() async throws {
        try await GuardedServing.run(tenants: ["red"]) { guarded in
            let root = try guarded.key(["administrator"]).secret
            let made = try await guarded.admin(
                .POST, "users",
                [
                    "name": "ann", "tenant": "red", "displayName": "Ann", "password": .string(GuardedServing.password),
                    "links": [["kind": "certificateURI", "value": "hadal:user:ann"]],
                ], key: root)
            #expect(made.status == 201 && made.json["roles"] == ["user"], "\(made.body)")
            #expect(made.json["links"] == [["kind": "certificateURI", "value": "hadal:user:ann"]])
            #expect(!made.body.contains("scrypt"))
            let again = try await guarded.admin(.POST, "users", ["name": "ANN"], key: root)
            #expect(again.status == 409 && again.errorCode == "conflict")
            let ann = try await guarded.browser("ann")
            let key = try await guarded.admin(.POST, "me/keys", ["name": "laptop", "scopes": ["models.use"]], as: ann)
            let secret = try #require(key.json["secret"]?.string, "\(key.body)")
            #expect(try await guarded.chat(key: secret).status == 200)
            let listed = try await guarded.admin(.GET, "me/keys", as: ann)
            #expect(listed.names == ["laptop"] && !listed.body.contains(secret))
            #expect(listed.json["data"]?[0]?["user"] == "ann")
            let id = try #require(key.json["id"]?.string)
            let rotated = try await guarded.admin(.POST, "keys/\(id)/rotate", ["overlap": 0], as: ann)
            let next = try #require(rotated.json["secret"]?.string, "\(rotated.body)")
            #expect(try await guarded.chat(key: secret).status == 401)
            #expect(try await guarded.chat(key: next).status == 200)
            #expect(try await guarded.admin(.DELETE, "keys/\(id)", as: ann).status == 204)
            #expect(try await guarded.chat(key: next).status == 401)
            #expect(try await guarded.admin(.PATCH, "users/ann", ["enabled": false], key: root).status == 200)
            #expect(try await guarded.admin(.GET, "me", as: ann).status == 401)
            #expect(try await guarded.logIn("ann").status == 401)
            #expect(try await guarded.admin(.DELETE, "users/ann", key: root).status == 204)
            #expect(try await guarded.admin(.GET, "users/ann", key: root).status == 404)
        }
    }

    @Test func ownPasswordsChangeWithTheOldOneAndEndAllSessions() async throws {
        try await GuardedServing.run { guarded in
            try guarded.user("ana")
            let ana = try await guarded.browser("ana")
            let new = "quite another passphrase"
            let wrong = try await guarded.admin(.PUT, "me/password", ["old": "wrong", "new": .string(new)], as: ana)
            #expect(wrong.status == 401)
            let weak = try await guarded.admin(
                .PUT, "me/password", ["old": .string(GuardedServing.password), "new": "short"], as: ana)
            #expect(weak.status == 400 && weak.errorField == "password")
            let right = try await guarded.admin(
                .PUT, "me/password", ["old": .string(GuardedServing.password), "new": .string(new)], as: ana)
            #expect(right.status == 204)
            #expect(try await guarded.admin(.GET, "me", as: ana).status == 401)
            #expect(try await guarded.logIn("ana").status == 401)
            #expect(try await guarded.logIn("ana", new).status == 201)
        }
    }

    @Test func rolesTenantsAndSessionsAreShown() async throws {
        try await GuardedServing.run { guarded in
            let root = try guarded.key(["administrator"]).secret
            let roles = try await guarded.admin(.GET, "roles", key: root)
            #expect(roles.names == RoleMatrix.names)
            let rows = roles.json["permissions"]?.array ?? []
            #expect(rows.count == Permission.allCases.count)
            #expect(rows.first { $0["name"] == "audit.export" }?["roles"] == ["auditor"])
            #expect(rows.first { $0["name"] == "audit.export" }?["critical"] == true)
            #expect(
                try await guarded.admin(.POST, "tenants", ["name": "red", "models": ["r1*"]], key: root).status == 201)
            #expect(try await guarded.admin(.GET, "tenants/red", key: root).json["models"] == ["r1*"])
            #expect(try await guarded.admin(.PATCH, "tenants/red", ["models": ["*"]], key: root).status == 204)
            #expect(try await guarded.admin(.GET, "tenants", key: root).names == ["default", "red"])
            #expect(try await guarded.admin(.GET, "tenants/red", key: root).json["models"] == ["*"])
            #expect(try await guarded.admin(.DELETE, "tenants/default", key: root).status == 409)
            #expect(try await guarded.admin(.DELETE, "tenants/red", key: root).status == 204)
            try guarded.user("ana")
            let ana = try await guarded.browser("ana")
            let other = try await guarded.browser("ana")
            let sessions = try await guarded.admin(.GET, "users/ana/sessions", key: root)
            #expect(sessions.names.count == 2 && sessions.json["data"]?[0]?["address"] == "127.0.0.1")
            #expect(try await guarded.admin(.DELETE, "users/ana/sessions", key: root).status == 204)
            for browser in [ana, other] { #expect(try await guarded.admin(.GET, "me", as: browser).status == 401) }
        }
    }

    @Test func limitsAndAddressesAreSetAndShown() async throws {
        try await GuardedServing.run(tenants: ["red"]) { guarded in
            let root = try guarded.key(["administrator"]).secret
            try guarded.user("ana")
            let set = try await guarded.admin(
                .PUT, "limits",
                [
                    "user": "ana",
                    "limits": ["requests-per-minute": 5, "tokens-per-day": "none", "cost-per-month": 2.5],
                ],
                key: root)
            #expect(set.status == 204, "\(set.body)")
            let listed = try await guarded.admin(.GET, "limits", key: root).json["data"]?[0]
            #expect(listed?["user"] == "ana" && listed?["scope"] == "user")
            #expect(
                listed?["limits"] == ["requests-per-minute": 5, "tokens-per-day": "none", "cost-per-month": 2.5])
            #expect(try await guarded.admin(.DELETE, "limits?user=ana&kind=cost-per-month", key: root).status == 204)
            #expect(try await guarded.admin(.DELETE, "limits?user=ana", key: root).status == 204)
            #expect(try await guarded.admin(.GET, "limits", key: root).json["data"] == [])
            #expect(try await guarded.admin(.DELETE, "limits?user=ana", key: root).status == 404)
            let wrong: [JSON] = [
                ["limits": [:]], ["limits": ["requests": 5]], ["limits": ["requests-per-minute": -1]],
                ["limits": ["requests-per-minute": 1.5]], ["limits": ["tokens-per-day": "many"]],
                ["limits": 5], [:], ["user": "ana", "tenant": "red", "limits": ["tokens-per-day": 1]],
                ["user": "ana", "limits": ["tokens-per-day": 1], "further": 1],
            ]
            for body in wrong {
                #expect(try await guarded.admin(.PUT, "limits", body, key: root).status == 400, "\(body.text)")
            }
            #expect(
                try await guarded.admin(.PUT, "limits", ["user": "eve", "limits": ["tokens-per-day": 1]], key: root)
                    .status == 404)
            let ranges: JSON = ["tenant": "red", "allow": ["10.0.0.0/8"], "deny": ["10.1.0.0/16"]]
            #expect(try await guarded.admin(.PUT, "addresses", ranges, key: root).status == 204)
            let shown = try await guarded.admin(.GET, "addresses", key: root).json["data"]?[0]
            #expect(shown?["tenant"] == "red" && shown?["allow"] == ["10.0.0.0/8"] && shown?["deny"] == ["10.1.0.0/16"])
            for body in [
                ["tenant": "red", "allow": ["10.0.0.1/8"]], ["tenant": "red", "key": "k", "allow": []], ["allow": []],
                ["tenant": "red", "allow": [5]],
            ] as [JSON] {
                #expect(try await guarded.admin(.PUT, "addresses", body, key: root).status == 400, "\(body.text)")
            }
            #expect(try await guarded.admin(.PUT, "addresses", ["tenant": "red"], key: root).status == 204)
            #expect(try await guarded.admin(.GET, "addresses", key: root).json["data"] == [])
        }
    }

    @Test func usageIsToldByWhomOneAsks() async throws {
        try await GuardedServing.run(tenants: ["red"]) { guarded in
            let root = try guarded.key(["administrator"]).secret
            try guarded.user("ana")
            let ana = try guarded.administration.createKey(
                KeyRequest(name: "k", owner: .user(named: "ana")), by: guarded.root())
            #expect(try await guarded.chat(key: ana.secret).status == 200)
            // It is written each second.
            var rows: [JSON] = []
            while rows.isEmpty {
                rows = try await guarded.admin(.GET, "usage?by=user,model", key: root).json["data"]?.array ?? []
            }
            #expect(rows[0]["userName"] == "ana" && rows[0]["model"] == "scripted" && rows[0]["requests"] == 1)
            #expect(rows[0]["promptTokens"] == 3 && rows[0]["answerTokens"] == 3)
            let own = try await guarded.admin(.GET, "usage?by=day&user=ana&from=2026-01-01", key: root)
            #expect(own.json["data"]?[0]?["requests"] == 1)
            let red = try guarded.key(["administrator"], tenant: "red").secret
            #expect(try await guarded.admin(.GET, "usage?by=user", key: red).json["data"] == [])
            for query in ["by=colour", "by=day,day", "from=yesterday", "further=1"] {
                #expect(try await guarded.admin(.GET, "usage?\(query)", key: root).status == 400, "\(query)")
            }
        }
    }

    @Test func listingsComeInPages() async throws {
        try await GuardedServing.run { guarded in
            let root = try guarded.key(["administrator"]).secret
            for name in ["c", "a", "b"] { try guarded.user(name) }
            let first = try await guarded.admin(.GET, "users?limit=2", key: root)
            #expect(first.names == ["a", "b"] && first.json["hasMore"] == true)
            let second = try await guarded.admin(.GET, "users?limit=2&after=b", key: root)
            #expect(second.names == ["c"] && second.json["hasMore"] == false)
            for query in ["limit=0", "limit=1001", "limit=x", "after=nobody", "further=1"] {
                #expect(try await guarded.admin(.GET, "users?\(query)", key: root).status == 400, "\(query)")
            }
            let events = try await guarded.admin(.GET, "audit?limit=1", key: root)
            let number = try #require(events.json["data"]?[0]?["number"]?.int)
            #expect(events.json["hasMore"] == true)
            let earlier = try await guarded.admin(.GET, "audit?limit=1&after=\(number)", key: root)
            #expect(earlier.json["data"]?[0]?["number"]?.int ?? number < number)
        }
    }

    // MARK: the audit

    @Test func eachActIsInTheAuditAndNoSecretIs() async throws {
        try await GuardedServing.run { guarded in
            try guarded.user("ana", ["administrator"])
            let ana = try await guarded.browser("ana")
            var secrets = try await guarded.setUpSecondFactor(ana)
            let key = try await guarded.admin(
                .POST, "keys", ["name": "k", "roles": ["user"]], as: ana, code: secrets[0])
            let id = try #require(key.json["id"]?.string, "\(key.body)")
            let rotated = try await guarded.admin(
                .POST, "keys/\(id)/rotate", ["overlap": 60], as: ana, code: secrets[1])
            let acts: [(HTTPMethod, String, JSON?, String)] = [
                (.POST, "users", ["name": "bo", "password": "a password of bo's own"], "user.create"),
                (.PATCH, "users/bo", ["roles": ["auditor"]], "user.change"),
                (.PUT, "users/bo/password", ["password": "another password of bo"], "user.password"),
                (.DELETE, "users/bo/second-factor", nil, "user.secondFactor.reset"),
                (.DELETE, "users/bo/lock", nil, "user.unlock"), (.DELETE, "users/bo", nil, "user.delete"),
                (.PATCH, "keys/\(id)", ["models": ["r1*"]], "key.change"), (.DELETE, "keys/\(id)", nil, "key.revoke"),
                (.POST, "roles", ["name": "r", "permissions": ["masks.read"]], "role.create"),
                (.PATCH, "roles/r", ["about": "x"], "role.change"), (.DELETE, "roles/r", nil, "role.delete"),
                (.POST, "tenants", ["name": "red"], "tenant.create"),
                (.PATCH, "tenants/red", ["enabled": false], "tenant.change"),
                (.PUT, "limits", ["tenant": "red", "limits": ["tokens-per-day": 5]], "limit.set"),
                (.DELETE, "limits?tenant=red", nil, "limit.remove"),
                (.PUT, "addresses", ["tenant": "red", "deny": ["192.0.2.0/24"]], "addresses.set"),
                (.DELETE, "tenants/red", nil, "tenant.delete"),
            ]
            let shown = try await guarded.admin(.POST, "session/second-factor", ["code": .string(secrets[2])], as: ana)
            #expect(shown.status == 200)
            var ids: [String: String] = [:]
            for (method, path, body, action) in acts {
                let answer = try await guarded.admin(method, path, body, as: ana)
                #expect((200..<300).contains(answer.status), "\(method) \(path): \(answer.body)")
                ids[action] = answer.headers["x-request-id"].first
            }
            #expect(try await guarded.logIn("ana", "a wrong passphrase").status == 401)
            #expect(try await guarded.admin(.POST, "users", ["name": "eve"], key: "hadal_nobody").status == 401)
            let answer = try await guarded.admin(.GET, "audit?limit=500", as: ana)
            let events = answer.json["data"]?.array ?? []
            for (action, request) in ids {
                let event = events.first { $0["action"]?.string == action && $0["requestId"]?.string == request }
                #expect(event?["outcome"] == "done" && event?["actorName"] == "ana", "\(action)")
                #expect(event?["address"] == "127.0.0.1")
            }
            let failed = events.first { $0["action"] == "session.begin" && $0["outcome"] == "refused" }
            #expect(failed?["actorName"] == "as ana")
            #expect(events.contains { $0["action"] == "role.create" && $0["details"]?["granted"] == "masks.read" })
            // The only ones without a secret are its own last words.
            secrets += [
                GuardedServing.password, "a password of bo's own", "another password of bo", "a wrong passphrase",
            ]
            secrets += [key, rotated].compactMap { $0.json["secret"]?.string } + [ana.token]
            secrets.append(String(ana.cookie.dropFirst("hadal_session=".count)))
            for secret in secrets { #expect(!answer.body.contains(secret)) }
            // Nor are they in any file.
            for name in try FileManager.default.contentsOfDirectory(atPath: guarded.data.path) {
                let bytes = (try? Data(contentsOf: guarded.data.appendingPathComponent(name))) ?? Data()
                for secret in secrets { #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(name)") }
            }
        }
    }

    @Test func nothingChangesTheAudit() async throws {
        try await GuardedServing.run { guarded in
            let auditor = try guarded.key(["auditor"]).secret
            #expect(try await guarded.admin(.GET, "audit", key: auditor).status == 200)
            for method in [HTTPMethod.POST, .PUT, .PATCH, .DELETE] {
                let answer = try await guarded.admin(method, "audit", key: auditor)
                #expect(answer.status == 405 && answer.headers["allow"].first == "GET")
            }
            #expect(try await guarded.admin(.DELETE, "audit/1", key: auditor).status == 404)
        }
    }

    // MARK: what is refused to all

    @Test func whatIsNotThereIsToldSo() async throws {
        try await GuardedServing.run { guarded in
            for path in ["", "nothing", "users/a/b", "users//password", "session/openid/x"] {
                #expect(try await guarded.admin(.GET, path).status == 404, "\(path)")
            }
            let wrong = try await guarded.admin(.PUT, "users")
            #expect(wrong.status == 405 && wrong.headers["allow"].first == "GET, POST")
            #expect(try await guarded.admin(.GET, "session/openid").status == 404)
            #expect(try await guarded.admin(.GET, "session/openid/callback?state=x&code=y").status == 404)
            let certificates = try await guarded.admin(.GET, "certificates")
            #expect(certificates.status == 404 && certificates.body.contains("TLS"))
            #expect(try await guarded.admin(.GET, "configuration").status == 404)
            #expect(try await guarded.admin(.HEAD, "users").body.isEmpty)
        }
    }

    @Test func bodiesThatAreNotAsTheyMustBeAreRefused() async throws {
        try await GuardedServing.run { guarded in
            let root = try guarded.key(["administrator"]).secret
            let wrong: [(HTTPMethod, String, JSON)] = [
                (.POST, "users", [:]), (.POST, "users", []), (.POST, "users", ["name": 5]),
                (.POST, "users", ["name": "a b"]), (.POST, "users", ["name": "a", "admin": true]),
                (.POST, "users", ["name": "a", "roles": ["king"]]), (.POST, "users", ["name": "a", "roles": [5]]),
                (.POST, "users", ["name": "a", "password": "short"]),
                (.POST, "users", ["name": "a", "links": [["kind": "horse", "value": "x"]]]),
                (.POST, "users", ["name": "a", "links": [["kind": "external", "value": "x"]]]),
                (.POST, "users", ["name": .string(String(repeating: "a", count: 65))]),
                (.POST, "keys", ["name": "k"]), (.POST, "keys", ["name": "k", "roles": ["user"], "user": "a"]),
                (.POST, "keys", ["name": "k", "roles": ["user"], "scopes": ["everything"]]),
                (.POST, "keys", ["name": "k", "roles": ["user"], "scopes": ["users.manage"]]),
                (.POST, "keys", ["name": "k", "roles": ["user"], "expires": "tomorrow"]),
                (.POST, "keys", ["name": "k", "roles": ["user"], "expires": "2020-01-01T00:00:00Z"]),
                (.PATCH, "keys/k", ["expires": "never"]), (.PATCH, "keys/k", ["scopes": ["*", "models.use"]]),
                (.PATCH, "keys/k", ["user": "a"]),
                (.POST, "session", ["name": "a"]), (.POST, "session", ["name": "a", "password": "b", "x": 1]),
            ]
            for (method, path, body) in wrong {
                let answer = try await guarded.admin(method, path, body, key: root)
                #expect(answer.status == 400, "\(path) \(body.text): \(answer.status) \(answer.body)")
            }
            let large = String(repeating: "x", count: 1 << 20)
            let answer = try await guarded.admin(.POST, "session", ["name": .string(large), "password": "x"])
            #expect(answer.status == 413)
        }
    }

    /// Apart from what could shut the checker itself out.
    @Test func theAdministrationDoesWhatItsDescriptionSays() async throws {
        try await GuardedServing.run { guarded in
            try await Schemathesis.check(
                guarded.serving, in: guarded.data,
                [
                    "--include-path-regex", "^/admin/", "--exclude-path-regex", "/(limits|addresses)$", "--header",
                    "Authorization: Bearer \(try guarded.key(["administrator"]).secret)",
                ])
        }
    }

    @Test func withoutADataDirectoryThereIsNobodyToAdminister() async throws {
        try await Serving.run { serving in
            let answer = try await serving.get("/admin/v1/users")
            #expect(answer.status == 501)
        }
    }
}
