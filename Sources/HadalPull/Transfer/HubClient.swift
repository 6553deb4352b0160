import AsyncHTTPClient
import Foundation
import HadalJSON
import NIOCore
import NIOHTTP1
import NIOPosix

/// Requests to a hub and to where it sends us.
final class HubClient: Sendable {
    /// What may be better in a while.
    struct Passing: Error {
        let problem: PullError
        /// The server asked for so long.
        var wait: Duration?
    }

    private static let listingBytesMax = 64 << 20
    private static let redirectsMax = 5
    /// Longer waits than this are for a person to decide on.
    private static let waitMax = 300.0
    /// Nothing comes for so long: the connection is dead.
    private static let silence = TimeAmount.seconds(60)

    let source: ModelSource
    let settings: PullSettings
    private let client: HTTPClient

    init(_ source: ModelSource, _ settings: PullSettings) throws(PullError) {
        self.source = source
        self.settings = settings
        var configuration = HTTPClient.Configuration()
        // Headers that are for the hub alone are left out where a redirect leads to another host.
        configuration.redirectConfiguration = .follow(max: Self.redirectsMax, allowCycles: false)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.connections
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(15)
        configuration.timeout.read = Self.silence
        configuration.tracing.tracer = nil
        configuration.proxy = try ProxySettings(for: source.endpoint, settings.environment)?.proxy
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutdown() async { try? await client.shutdown() }

    /// - Parameter isOptional: nil instead of an error where the server has it not.
    func json(_ url: String, isOptional: Bool = false) async throws -> JSON? {
        try await repeated { [self] in
            let response = try await execute(url, range: nil)
            if isOptional, response.status == .notFound { return nil }
            try await check(response, url)
            do {
                return try JSON(parsing: try await response.body.collect(upTo: Self.listingBytesMax).readableBytesView)
            } catch let error as JSONError { throw PullError.badAnswer(url: url, problem: "\(error)") } catch {
                throw passing(error, url)
            }
        }
    }

    /// A response with a status that means yes; its body is still to be read.
    func open(_ url: String, range: Range<Int64>) async throws -> HTTPClientResponse {
        let response = try await execute(url, range: range)
        try await check(response, url)
        return response
    }

    /// Does it until it is done, or the attempts are used up.
    func repeated<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        var attempt = 1
        while true {
            do { return try await body() } catch let passing as Passing {
                guard attempt < settings.attempts else { throw passing.problem }
                try await settings.pause(settings.wait(after: attempt, asked: passing.wait))
                attempt += 1
            }
        }
    }

    /// What an error on the way is: one that may pass, or a cancellation.
    func passing(_ error: any Error, _ url: String) -> any Error {
        if error is CancellationError || Task.isCancelled { return CancellationError() }
        if error is Passing || error is PullError { return error }
        let words = (error as? HTTPClientError)?.shortDescription ?? PullError.line("\(error)")
        if let connection = error as? NIOConnectionError, connection.connectionErrors.isEmpty {
            return Passing(problem: .nameUnknown(host: connection.host))
        }
        return Passing(problem: .unreachable(url: Self.shown(url), problem: words))
    }

    private func execute(_ url: String, range: Range<Int64>?) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "User-Agent", value: "hadal")
        // What is packed on the way has other ranges.
        request.headers.add(name: "Accept-Encoding", value: "identity")
        for (name, value) in source.credentials { request.headers.add(name: name, value: value) }
        if let range {
            request.headers.add(name: "Range", value: "bytes=\(range.lowerBound)-\(range.upperBound - 1)")
        }
        // Listings are small.
        let deadline: NIODeadline = range == nil ? .now() + .minutes(5) : .distantFuture
        do { return try await client.execute(request, deadline: deadline) } catch { throw passing(error, url) }
    }

    private func check(_ response: HTTPClientResponse, _ url: String) async throws {
        let status = Int(response.status.code)
        if (200..<300).contains(status) { return }
        let body = try? await response.body.collect(upTo: 64 << 10)
        let json = body.flatMap { try? JSON(parsing: $0.readableBytesView) }
        let words =
            response.headers.first(name: "X-Error-Message") ?? json?["error"]?.string ?? json?["Message"]?.string
        let problem = PullError.refused(
            url: Self.shown(url), status: status, message: PullError.line(words ?? ""),
            tokenVariable: source.tokenVariable)
        guard [408, 429, 500, 502, 503, 504].contains(status) else { throw problem }
        let asked = wait(response.headers.first(name: "Retry-After"))
        if let asked, asked > .seconds(Self.waitMax) { throw problem }
        throw Passing(problem: problem, wait: asked)
    }

    /// `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
    private func wait(_ text: String?) -> Duration? {
        guard let text else { return nil }
        if let seconds = Int(text), (0...86_400).contains(seconds) { return .seconds(seconds) }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.date(from: text).map { .seconds(max(0, $0.timeIntervalSince(settings.now()))) }
    }

    /// Without a query, which may be a signature that lets anybody in.
    private static func shown(_ url: String) -> String { String(url.prefix { $0 != "?" }) }
}
