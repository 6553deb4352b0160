import AsyncHTTPClient
import Foundation
import HadalGateway
import HadalJSON
import NIOCore
import NIOHTTP1
import Testing

@testable import HadalAccess

/// A gateway whose data directory is opened beside it too, as the commands do it in a process of their own.
struct GuardedServing: Sendable {
    static let password = "a long enough passphrase"

    let serving: Serving
    let data: URL
    let administration: AccessAdministration
    let audit: AuditLog

    /// - Parameter tenants: beside `default`.
    static func run(
        _ backend: ScriptedBackend = ScriptedBackend(), tenants: [String] = [],
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (GuardedServing) async throws -> Void
    ) async throws {
        try await BatchTests.withDirectory { data in
            var policy = AccessPolicy()
            policy.passwordCost = PasswordCost(rounds: 16, blockSize: 8, parallelism: 1)
            let control = try AccessControl(AccessDatabase(data: data), policy: policy, opensWhenEmpty: false)
            let audit = try AuditLog(data: data)
            let administration = AccessAdministration(control, audit: audit)
            for tenant in tenants { try administration.createTenant(name: tenant, by: Requester(.local(name: "root"))) }
            try await Serving.run(backend) {
                $0.dataDirectory = data.path
                $0.access.policy = policy
                configure(&$0)
            } _: { serving in
                try await body(
                    GuardedServing(serving: serving, data: data, administration: administration, audit: audit))
            }
        }
    }

    // MARK: what the commands do

    /// The operator at the machine.
    func root(_ now: Date = Date()) -> Requester { Requester(.local(name: "root"), now: now) }

    /// The secret of a new key of a program.
    func key(
        _ roles: Set<String> = ["user"], tenant: String? = nil, scopes: Set<Permission>? = nil,
        models: ModelScope = .all,
        expires: Date? = nil, now: Date = Date()
    ) throws -> NewKey {
        try administration.createKey(
            KeyRequest(
                name: "program", owner: .service(roles: roles, tenant: tenant), scopes: scopes, models: models,
                expires: expires), by: root(now))
    }

    @discardableResult
    func user(_ name: String, _ roles: Set<String> = ["user"], tenant: String? = nil) throws -> User {
        try administration.createUser(
            NewUser(name: name, tenant: tenant, roles: roles, password: Self.password), by: root())
    }

    // MARK: what clients do

    struct Browser: Sendable {
        let cookie: String
        let token: String

        var headers: [(String, String)] { [("cookie", cookie), ("x-csrf-token", token)] }
    }

    func send(
        _ method: HTTPMethod, _ path: String, _ body: JSON? = nil, key: String? = nil,
        _ headers: [(String, String)] = []
    ) async throws -> Serving.Answer {
        try await Self.send(serving, method, path, body, key: key, headers)
    }

    /// To any server.
    static func send(
        _ serving: Serving, _ method: HTTPMethod, _ path: String, _ body: JSON? = nil, key: String? = nil,
        _ headers: [(String, String)] = []
    ) async throws -> Serving.Answer {
        var request = HTTPClientRequest(url: serving.base + path)
        request.method = method
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body.text))
        }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        return try await serving.send(request)
    }

    /// `/admin/v1/…`
    func admin(
        _ method: HTTPMethod, _ path: String, _ body: JSON? = nil, key: String? = nil, as browser: Browser? = nil,
        code: String? = nil, _ headers: [(String, String)] = []
    ) async throws -> Serving.Answer {
        try await send(
            method, "/admin/v1/" + path, body, key: key,
            (browser?.headers ?? []) + (code.map { [("x-hadal-otp", $0)] } ?? []) + headers)
    }

    func chat(key: String?, model: String = "scripted", _ members: [(String, JSON)] = []) async throws -> Serving.Answer
    {
        let messages: JSON = [["role": "user", "content": "one two three"]]
        return try await send(
            .POST, "/v1/chat/completions",
            .object(JSON.Object([("model", .string(model)), ("messages", messages)] + members)), key: key)
    }

    func logIn(_ name: String, _ password: String = password, code: String? = nil) async throws -> Serving.Answer {
        var body = JSON.Object([("name", .string(name)), ("password", .string(password))])
        body["code"] = code.map(JSON.string)
        return try await admin(.POST, "session", .object(body))
    }

    func browser(_ name: String, code: String? = nil) async throws -> Browser {
        let answer = try await logIn(name, code: code)
        try #require(answer.status == 201, "\(answer.body)")
        let cookie = try #require(answer.headers["set-cookie"].first)
        return Browser(
            cookie: String(cookie.prefix { $0 != ";" }), token: try #require(answer.json["csrfToken"]?.string))
    }

    // MARK: second factor

    /// Sets one up over HTTP.
    /// - Returns: recovery codes, each of which is a code that counts once.
    func setUpSecondFactor(_ browser: Browser) async throws -> [String] {
        let begun = try await admin(.POST, "me/second-factor", ["password": .string(Self.password)], as: browser)
        let secret = try #require(begun.json["secret"]?.string, "\(begun.body)")
        #expect(begun.json["uri"]?.string?.contains(secret) == true)
        let code = TimeCode.code(Self.base32(secret), step: TimeCode.step(at: Date()))
        let confirmed = try await admin(.PUT, "me/second-factor", ["code": .string(code)], as: browser)
        return try #require(confirmed.json["recoveryCodes"]?.array, "\(confirmed.body)").compactMap(\.string)
    }

    private static func base32(_ text: String) -> Data {
        var bytes = Data()
        var bits = 0
        var value: UInt32 = 0
        for character in text {
            guard let digit = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567").firstIndex(of: character) else { continue }
            value = value << 5 | UInt32(digit)
            bits += 5
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(bits)))
        }
        return bytes
    }
}

extension Serving.Answer {
    var names: [String] { (json["data"]?.array ?? []).compactMap { ($0["name"] ?? $0["id"])?.string } }
}
