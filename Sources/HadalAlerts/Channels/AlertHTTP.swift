import AsyncHTTPClient
import Foundation
import HadalJSON
import NIOCore
import NIOHTTP1
import NIOSSL

/// Posts JSON to one address. What goes wrong is told with the host's name alone: with robots the rest of the address
/// is a secret.
final class AlertHTTP: Sendable {
    private static let answerBytesMax = 64 << 10

    private let url: String
    let host: String
    private let client: HTTPClient

    /// - Parameters:
    ///   - channel: for errors.
    ///   - authority: a file of certificates (PEM) of who signs the server's; nil: those that the system trusts.
    /// - Throws: `AlertError.channel`.
    init(channel: String, url: String, authority: String?) throws(AlertError) {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty, parts.fragment == nil
        else { throw .channel(channel, field: "url", problem: "is no address: write https://HOST/PATH") }
        (self.url, self.host) = (url, host)
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        // Secrets would go along.
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        configuration.connectionPool.retryConnectionEstablishment = false
        // Alerts are rare: the next one would find a connection that is closed by then.
        configuration.connectionPool.idleTimeout = .seconds(1)
        configuration.tlsConfiguration = try AlertTLS.client(channel: channel, authority: authority)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit { client.shutdown { _ in } }

    /// - Parameter query: is added to the address.
    /// - Returns: what an answer with a status of 200 to 299 holds; nil where it is no JSON.
    /// - Throws: `AlertError.delivery`.
    func post(
        _ body: [UInt8], headers: [(String, String)] = [], query: [(name: String, value: String)] = []
    ) async throws(AlertError) -> JSON? {
        var request = HTTPClientRequest(url: Self.url(url, adding: query))
        request.method = .POST
        request.headers = HTTPHeaders(headers)
        request.headers.replaceOrAdd(name: "content-type", value: "application/json")
        request.headers.replaceOrAdd(name: "user-agent", value: "hadal")
        request.body = .bytes(ByteBuffer(bytes: body))
        let status: HTTPResponseStatus
        let answer: ByteBuffer
        do {
            let response = try await client.execute(request, deadline: .distantFuture)
            status = response.status
            answer = try await response.body.collect(upTo: Self.answerBytesMax)
        } catch {
            throw .delivery(problem: "\(host) does not answer: \(AlertError.line("\(error)"))", isFinal: false)
        }
        guard (200..<300).contains(status.code) else {
            let isFinal = status.code < 500 && ![408, 425, 429].contains(status.code)
            let words = String(decoding: answer.readableBytesView.prefix(200), as: UTF8.self)
            throw .delivery(
                problem: "\(host) answers with the status \(status.code): \(AlertError.line(words))", isFinal: isFinal)
        }
        return try? JSON(parsing: answer.readableBytesView)
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    private static func url(_ url: String, adding query: [(name: String, value: String)]) -> String {
        query.reduce(url) { url, item in
            let value = item.value.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
            return url + (url.contains("?") ? "&" : "?") + item.name + "=" + value
        }
    }
}
