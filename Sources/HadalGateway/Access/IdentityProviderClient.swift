import AsyncHTTPClient
import Foundation
import HadalAccess
import NIOCore
import NIOHTTP1

/// Speaks to identity providers: short answers within seconds, no redirects.
struct IdentityProviderClient: Sendable {
    struct Refused: Error, CustomStringConvertible {
        let status: UInt
        let url: URL

        var description: String { "\(url) answers with status \(status)" }
    }

    private static let bytesMax = 1 << 20
    private static let timeLimit: TimeAmount = .seconds(10)

    private let http: HTTPClient

    init() {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(5)
        configuration.tracing.tracer = nil
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutdown() async throws { try await http.shutdown() }

    @Sendable func fetch(_ url: URL) async throws -> Data {
        let response = try await http.execute(HTTPClientRequest(url: url.absoluteString), timeout: Self.timeLimit)
        guard response.status == .ok else { throw Refused(status: response.status.code, url: url) }
        return Data(try await response.body.collect(upTo: Self.bytesMax).readableBytesView)
    }

    @Sendable func post(_ form: OpenIDLogin.Form) async throws -> (status: Int, body: Data) {
        var request = HTTPClientRequest(url: form.url.absoluteString)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
        request.headers.add(name: "accept", value: "application/json")
        if let authorization = form.authorization { request.headers.add(name: "authorization", value: authorization) }
        request.body = .bytes(ByteBuffer(bytes: form.body))
        let response = try await http.execute(request, timeout: Self.timeLimit)
        let body = try await response.body.collect(upTo: Self.bytesMax)
        return (Int(response.status.code), Data(body.readableBytesView))
    }
}
