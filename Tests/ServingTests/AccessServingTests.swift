import Foundation
import HadalGateway
import HadalJSON
import NIOHTTP1
import Testing

@testable import HadalAccess

/// Who may ask the running server what, attacked over real sockets.
@Suite(.timeLimit(.minutes(15))) struct AccessServingTests {
    // MARK: keys

    @Test func nothingIsNeededUntilThereIsAKey() async throws {
        try await GuardedServing.run { guarded in
            #expect(try await guarded.chat(key: nil).status == 200)
            #expect(try await guarded.chat(key: "none").status == 200)
            let key = try guarded.key()
            let nothing = try await guarded.chat(key: nil)
            #expect(nothing.status == 401 && nothing.errorCode == "invalid_api_key")
            #expect(nothing.headers["www-authenticate"].first == "Bearer realm=\"hadal\"")
            #expect(try await guarded.chat(key: key.secret).status == 200)
            let other = try await guarded.send(.GET, "/v1/models", nil, [("x-api-key", key.secret)])
            #expect(other.status == 200)
        }
    }

    @Test func aUserIsEnoughToCloseTheServer() async throws {
        try await GuardedServing.run { guarded in
            try guarded.user("ana")
            #expect(try await guarded.chat(key: nil).status == 401)
        }
    }

    @Test func whatIsOpenToAllStaysOpenAndTellsStrangersNothing() async throws {
        try await GuardedServing.run { guarded in
            _ = try guarded.key()
            for path in ["/", "/health/live", "/health/ready", "/openapi.json"] {
                let answer = try await guarded.send(.GET, path)
                #expect(
                    answer.status == 200 && !answer.body.contains("scripted"), "\(path): \(answer.body.prefix(200))")
            }
        }
    }

    @Test func keysThatDoNotCountAreRefusedAlike() async throws {
        try await GuardedServing.run { guarded in
            let now = Date()
            let good = try guarded.key()
            let expired = try guarded.key(expires: now - 60, now: now - 120)
            let revoked = try guarded.key()
            try guarded.administration.revokeKey(id: revoked.key.id, by: guarded.root())
            let rotated = try guarded.key()
            _ = try guarded.administration.rotateKey(id: rotated.key.id, overlap: 0, by: guarded.root())
            let wrong = String(good.secret.dropLast()) + (good.secret.hasSuffix("A") ? "B" : "A")
            let stranger = good.secret.replacing(good.key.prefix, with: "zzzzzzzz")
            var bodies: Set<String> = []
            for key in [
                wrong, stranger, expired.secret, revoked.secret, rotated.secret, "", "hadal_", "a.b.c",
                String(repeating: "x", count: 4000),
            ] {
                let answer = try await guarded.chat(key: key)
                #expect(answer.status == 401, "\(key.prefix(20))")
                // An empty one is none at all.
                if !key.isEmpty { bodies.insert(answer.body) }
            }
            #expect(bodies.count == 1, "what was wrong is not told: \(bodies)")
        }
    }

    @Test func aRotatedKeysOldSecretCountsForTheOverlapOnly() async throws {
        try await GuardedServing.run { guarded in
            let key = try guarded.key()
            let second = try guarded.administration.rotateKey(id: key.key.id, overlap: 3600, by: guarded.root())
            #expect(try await guarded.chat(key: key.secret).status == 200)
            #expect(try await guarded.chat(key: second.secret).status == 200)
            let other = try guarded.key()
            let now = Date()
            let later = try guarded.administration.rotateKey(id: other.key.id, overlap: 60, by: guarded.root(now - 120))
            #expect(try await guarded.chat(key: other.secret).status == 401)
            #expect(try await guarded.chat(key: later.secret).status == 200)
        }
    }

    // MARK: what a key may

    @Test func aKeyDoesWhatItsScopesSayAndNoMore() async throws {
        try await GuardedServing.run { guarded in
            let lists = try guarded.key(scopes: [.listModels]).secret
            #expect(try await guarded.send(.GET, "/v1/models", key: lists).status == 200)
            let chat = try await guarded.chat(key: lists)
            #expect(chat.status == 403 && chat.errorCode == "permission_denied" && chat.body.contains("models.use"))
            #expect(try await guarded.send(.GET, "/v1/files", key: lists).status == 403)
            let create: JSON = ["model": "mine", "from": "scripted"]
            #expect(try await guarded.send(.POST, "/api/create", create, key: try guarded.key().secret).status == 403)
            let managed = try guarded.key(["model-manager"]).secret
            #expect(try await guarded.send(.POST, "/api/create", create, key: managed).status == 200)
            #expect(try await guarded.chat(key: try guarded.key(["auditor"]).secret).status == 403)
        }
    }

    @Test func aModelThatAKeyMayNotUseIsAsIfItWereNotThere() async throws {
        try await GuardedServing.run { guarded in
            let key = try guarded.key(models: .only(["other*"])).secret
            let models = try await guarded.send(.GET, "/v1/models", key: key)
            #expect(models.names == [])
            let hidden = try await guarded.chat(key: key)
            let unknown = try await guarded.chat(key: key, model: "unknown")
            #expect(hidden.status == 404 && hidden.errorCode == "model_not_found")
            #expect(hidden.body.replacing("scripted", with: "M") == unknown.body.replacing("unknown", with: "M"))
            for (path, body) in [
                ("/v1/completions", ["model": "scripted", "prompt": "a"] as JSON),
                ("/v1/embeddings", ["model": "scripted", "input": "a"]),
                ("/tokenize", ["model": "scripted", "prompt": "a"]),
                ("/v1/responses", ["model": "scripted", "input": "a"]), ("/api/show", ["model": "scripted"]),
                ("/api/generate", ["model": "scripted", "prompt": "a"]),
                (
                    "/anthropic/v1/messages",
                    ["model": "scripted", "max_tokens": 3, "messages": [["role": "user", "content": "a"]]]
                ),
            ] {
                #expect(try await guarded.send(.POST, path, body, key: key).status == 404, "\(path)")
            }
            #expect(try await guarded.send(.GET, "/v1/models/scripted", key: key).status == 404)
            let named = try guarded.key(models: .only(["scripted"])).secret
            #expect(try await guarded.chat(key: named).status == 200)
        }
    }

    // MARK: tenants

    @Test func nothingOfATenantIsThereForAnother() async throws {
        try await GuardedServing.run(tenants: ["red", "blue"]) { guarded in
            let red = try guarded.key(["model-manager"], tenant: "red").secret
            let others = [
                try guarded.key(["model-manager"], tenant: "blue").secret, try guarded.key(["administrator"]).secret,
            ]
            let response = try await guarded.send(
                .POST, "/v1/responses", ["model": "scripted", "input": "a"], key: red)
            let responseID = try #require(response.json["id"]?.string)
            let upload = try await guarded.upload(
                #"{"custom_id":"1","method":"POST","url":"/v1/completions"}"#, key: red)
            let fileID = try #require(upload.json["id"]?.string, "\(upload.body)")
            let batch = try await guarded.send(
                .POST, "/v1/batches",
                ["input_file_id": .string(fileID), "endpoint": "/v1/completions", "completion_window": "24h"], key: red)
            let batchID = try #require(batch.json["id"]?.string, "\(batch.body)")
            let paths = [
                "/v1/responses/\(responseID)", "/v1/responses/\(responseID)/input_items", "/v1/files/\(fileID)",
                "/v1/files/\(fileID)/content", "/v1/batches/\(batchID)",
            ]
            for path in paths {
                #expect(try await guarded.send(.GET, path, key: red).status == 200, "\(path)")
                for other in others { #expect(try await guarded.send(.GET, path, key: other).status == 404, "\(path)") }
            }
            for other in others {
                #expect(try await guarded.send(.DELETE, "/v1/files/\(fileID)", key: other).status == 404)
                #expect(try await guarded.send(.DELETE, "/v1/responses/\(responseID)", key: other).status == 404)
                #expect(try await guarded.send(.POST, "/v1/batches/\(batchID)/cancel", key: other).status == 404)
                #expect(try await guarded.send(.GET, "/v1/files", key: other).json["data"] == [])
                let copy = try await guarded.send(
                    .POST, "/v1/batches",
                    ["input_file_id": .string(fileID), "endpoint": "/v1/completions", "completion_window": "24h"],
                    key: other)
                #expect(copy.status == 404)
                let next = try await guarded.send(
                    .POST, "/v1/responses",
                    ["model": "scripted", "input": "b", "previous_response_id": .string(responseID)], key: other)
                #expect(next.status == 404)
            }
            #expect(try await guarded.send(.GET, "/v1/files/\(fileID)", key: red).status == 200)
        }
    }

    @Test func whatTheEnginesMayShareIsKeptApartByTenants() async throws {
        try await GuardedServing.run(ScriptedBackend(script: ScriptedBackend.mirror), tenants: ["red"]) { guarded in
            func tenant(_ key: String) async throws -> JSON? {
                let answer = try await guarded.chat(key: key, [("user", "x")])
                let text = try #require(answer.json["choices"]?[0]?["message"]?["content"]?.string)
                return try JSON(parsing: text)["tenant"]
            }
            let red = try await tenant(try guarded.key(tenant: "red").secret)
            let mine = try await tenant(try guarded.key().secret)
            #expect(red == "red" && mine != red)
        }
    }

    @Test func aDisabledTenantIsLetInNoMore() async throws {
        try await GuardedServing.run(tenants: ["red"]) { guarded in
            let key = try guarded.key(tenant: "red").secret
            #expect(try await guarded.chat(key: key).status == 200)
            try guarded.administration.changeTenant(name: "red", isEnabled: false, by: guarded.root())
            #expect(try await guarded.chat(key: key).status == 401)
        }
    }

    @Test func aTenantsModelsBoundWhatItsKeysMay() async throws {
        try await GuardedServing.run(tenants: ["red"]) { guarded in
            let key = try guarded.key(tenant: "red").secret
            try guarded.administration.changeTenant(name: "red", models: .only(["none"]), by: guarded.root())
            #expect(try await guarded.chat(key: key).status == 404)
            #expect(try await guarded.send(.GET, "/v1/models", key: key).names == [])
        }
    }

    // MARK: limits

    @Test func aLimitThatACommandSetsCountsForTheNextRequest() async throws {
        try await GuardedServing.run { guarded in
            let key = try guarded.key()
            let first = try await guarded.chat(key: key.secret)
            #expect(first.headers["x-ratelimit-limit-requests"].first == "2000")
            try guarded.administration.setLimits(
                of: .key(key.key.id), [.requestsPerMinute: 1], by: guarded.root())
            var last = try await guarded.chat(key: key.secret)
            if last.status == 200 { last = try await guarded.chat(key: key.secret) }
            #expect(last.status == 429 && last.errorCode == "rate_limit_exceeded", "\(last.body)")
            #expect(last.headers["x-ratelimit-limit-requests"].first == "1")
            #expect(last.headers["x-ratelimit-remaining-requests"].first == "0")
            let seconds = try #require(last.headers["retry-after"].first.flatMap { Int($0) })
            #expect((1...60).contains(seconds))
            // Others go on.
            #expect(try await guarded.chat(key: try guarded.key().secret).status == 200)
            try guarded.administration.removeLimits(of: .key(key.key.id), by: guarded.root())
            #expect(try await guarded.chat(key: key.secret).status == 200)
        }
    }

    @Test func aQuotaOfTokensEndsAndSaysForHowLong() async throws {
        try await GuardedServing.run { guarded in
            let key = try guarded.key()
            try guarded.administration.setLimits(of: .key(key.key.id), [.tokensPerDay: 0], by: guarded.root())
            let answer = try await guarded.chat(key: key.secret)
            #expect(answer.status == 429 && answer.errorCode == "insufficient_quota", "\(answer.body)")
        }
    }

    @Test func addressesThatATenantDoesNotAllowAreRefused() async throws {
        try await GuardedServing.run(tenants: ["red"]) { guarded in
            let (red, own) = (try guarded.key(tenant: "red").secret, try guarded.key().secret)
            try guarded.administration.setAddressRules(
                try AddressRules(allow: ["192.0.2.0/24"]), for: .tenant("red"), by: guarded.root())
            let answer = try await guarded.chat(key: red)
            #expect(answer.status == 403 && answer.errorCode == "address_not_allowed")
            // What a client writes itself moves it nowhere.
            let forged = try await guarded.send(
                .GET, "/v1/models", nil, key: red, [("x-forwarded-for", "192.0.2.7"), ("forwarded", "for=192.0.2.7")])
            #expect(forged.status == 403)
            #expect(try await guarded.chat(key: own).status == 200)
        }
    }

    // MARK: clients

    @Test func thePythonClientRaisesWhatItsUsersCatch() async throws {
        try await GuardedServing.run { guarded in
            let good = try guarded.key()
            let limited = try guarded.key()
            try guarded.administration.setLimits(
                of: .key(limited.key.id), [.requestsPerMinute: 0], by: guarded.root())
            try await PythonClient.run(
                "access_client.py", base: guarded.serving.base, model: "scripted",
                [good.secret, try guarded.key(scopes: [.listModels]).secret, limited.secret])
        }
    }
}

extension GuardedServing {
    fileprivate func upload(_ content: String, key: String) async throws -> Serving.Answer {
        let form =
            "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"in.jsonl\"\r\n\r\n\(content)\r\n--b--\r\n"
        return try await serving.post(
            "/v1/files", form, type: "multipart/form-data; boundary=b", headers: [("authorization", "Bearer \(key)")])
    }
}
