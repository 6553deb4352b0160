import AsyncHTTPClient
import Foundation
import HadalJSON
import NIOCore
import NIOHTTP1
import NIOSSL

/// Requests to a Vault or OpenBao server: with time-outs, and again where that can help.
struct TransitClient: Sendable {
    /// What the server said, other than yes. `errors` are its own words.
    struct Refusal: Error {
        var status: Int
        var errors: [String]
    }

    private static let answerLimit = 1 << 20
    private static let service = "vault"

    let settings: TransitSettings
    /// Between attempts.
    var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// - Returns: the answer's `data`.
    func get(_ path: String) async throws(SecretsError) -> Result<JSON, Refusal> {
        try await request(.GET, path, nil, repeats: true)
    }

    /// - Parameter repeats: whether doing it twice is as good as once.
    func post(
        _ path: String, _ body: JSON.Object, repeats: Bool = true
    ) async throws(SecretsError) -> Result<JSON, Refusal> {
        try await request(.POST, path, body, repeats: repeats)
    }

    private func request(
        _ method: HTTPMethod, _ path: String, _ body: JSON.Object?, repeats: Bool
    ) async throws(SecretsError) -> Result<JSON, Refusal> {
        let attempts = repeats ? settings.attempts : 1
        var wait = Duration.milliseconds(200)
        for attempt in 1...attempts {
            let problem: SecretsError
            do throws(SecretsError) {
                switch try await once(method, path, body) {
                case .failure(let refusal) where Self.mayPass(refusal):
                    problem = .serviceFails(service: Self.service, problem: Self.words(refusal))
                case let answer: return answer
                }
            } catch  where Self.mayPass(error) {
                problem = error
            }
            guard attempt < attempts else { throw problem }
            do {
                try await pause(wait)
            } catch {
                throw problem
            }
            wait *= 4
        }
        throw .badSettings(problem: "transit's attempts are less than one")
    }

    /// For errors: status and the server's words, cut to a line.
    static func words(_ refusal: Refusal) -> String {
        let text = refusal.errors.joined(separator: "; ").prefix(300)
        let line = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
        return "status \(refusal.status)" + (line.isEmpty ? "" : ": \(line)")
    }

    /// Overload and a gateway's trouble pass; 412 is an Enterprise server that is not yet up to date.
    private static func mayPass(_ refusal: Refusal) -> Bool { [412, 429, 500, 502, 503, 504].contains(refusal.status) }

    private static func mayPass(_ error: SecretsError) -> Bool {
        if case .serviceUnreachable = error { true } else { false }
    }

    private func once(
        _ method: HTTPMethod, _ path: String, _ body: JSON.Object?
    ) async throws(SecretsError) -> Result<JSON, Refusal> {
        let token = try settings.token.read()
        // A header's value; what is none would else be an attack on the request or a crash.
        guard let text = token.text(), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .badSecret(source: settings.token.text, problem: "this is no token")
        }
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        request.headers.add(name: "X-Vault-Token", value: text)
        // Says that no browser was made to send it; some servers insist.
        request.headers.add(name: "X-Vault-Request", value: "true")
        if let namespace = settings.namespace { request.headers.add(name: "X-Vault-Namespace", value: namespace) }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(JSON.object(body).bytes)
        }
        let (status, bytes) = try await send(request)
        return try answer(status, bytes)
    }

    private func answer(_ status: Int, _ bytes: [UInt8]) throws(SecretsError) -> Result<JSON, Refusal> {
        let json = try? JSON(parsing: bytes)
        switch status {
        case 200:
            guard let data = json?["data"] else {
                throw .serviceFails(
                    service: Self.service, problem: "\(settings.address) does not answer as Vault or OpenBao does")
            }
            return .success(data)
        case 204: return .success(.null)
        case 300..<400:
            throw .serviceFails(
                service: Self.service,
                problem: "\(settings.address) sends us elsewhere; give the address of the active server")
        default:
            let errors = json?["errors"]?.array?.compactMap(\.string) ?? []
            if status == 503, errors.contains(where: { $0.contains("sealed") }) {
                throw .serviceSealed(service: Self.service)
            }
            let refusal = Refusal(status: status, errors: errors)
            if status == 401 || status == 403 {
                throw .serviceRefuses(
                    service: Self.service,
                    problem: Self.words(refusal) + "; the token has ended or its policy does not allow this")
            }
            return .failure(refusal)
        }
    }

    private var base: String {
        (settings.address.hasSuffix("/") ? String(settings.address.dropLast()) : settings.address) + "/v1/"
            + settings.mount + "/"
    }

    /// Requests are a handful at a start and a rotation; a client for each keeps no connection and no thread in
    /// between.
    private func send(_ request: HTTPClientRequest) async throws(SecretsError) -> (status: Int, body: [UInt8]) {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        let limit = TimeAmount.milliseconds(Int64(settings.timeout * 1000))
        configuration.timeout.connect = limit
        var tls = TLSConfiguration.makeClientConfiguration()
        if let file = settings.certificateAuthorities {
            guard access(file, R_OK) == 0 else { throw .system(path: file, operation: "read it", code: errno) }
            tls.trustRoots = .file(file)
        }
        configuration.tlsConfiguration = tls
        let client = HTTPClient(configuration: configuration)
        let result: Result<(Int, [UInt8]), any Error>
        do {
            let response = try await client.execute(request, timeout: limit)
            let body = try await response.body.collect(upTo: Self.answerLimit)
            result = .success((Int(response.status.code), Array(body.readableBytesView)))
        } catch {
            result = .failure(error)
        }
        try? await client.shutdown()
        switch result {
        case .success(let answer): return answer
        case .failure(let error): throw unreachable(error)
        }
    }

    private func unreachable(_ error: any Error) -> SecretsError {
        let why =
            switch error {
            case let error as HTTPClientError: error.shortDescription
            case let error as IOError: error.description
            default: "\(error)"
            }
        return .serviceUnreachable(service: Self.service, problem: "\(settings.address): \(why.prefix(300))")
    }
}
