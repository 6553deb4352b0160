import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// Signed requests to one bucket.
final class S3Client: Sendable {
    /// Of an answer that is a document: a thousand names of the longest take less.
    static let documentBytesMax = 8 << 20
    private static let errorBytesMax = 64 << 10
    /// Who sends a byte from time to time is not waited for for ever either.
    private static let attemptTime = Duration.seconds(300)
    private static let bytesPerSecondMin = 65_536.0
    /// Of all connections to the server.
    private static let connectionsMax = 8

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: Data
    }

    let place: String
    let failures: S3FailureReader
    let retry: RetryPolicy
    private let endpoint: S3Endpoint
    /// Before each name: empty, or with a `/` at its end.
    let prefix: String
    private let signer: RequestSigner
    private let client: HTTPClient

    /// - Throws: `ObjectError.badSetting`
    init(_ bucket: String, prefix: String, _ settings: S3Settings, _ retry: RetryPolicy) throws(ObjectError) {
        place = "\(ObjectPlace.bucket(bucket, prefix: prefix))"
        endpoint = try S3Endpoint(bucket: bucket, settings)
        failures = S3FailureReader(place: place, endpoint: endpoint, credentials: settings.credentials)
        self.retry = retry
        self.prefix = prefix.isEmpty ? "" : prefix + "/"
        signer = RequestSigner(credentials: settings.credentials, region: settings.region)
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connectionsMax
        configuration.connectionPool.retryConnectionEstablishment = false
        // Many servers close what is idle for five seconds; a request that is sent just then is lost.
        configuration.connectionPool.idleTimeout = .seconds(4)
        configuration.timeout.connect = .seconds(15)
        configuration.timeout.read = retry.silence
        configuration.timeout.write = retry.silence
        configuration.tracing.tracer = nil
        if let path = settings.certificateAuthority {
            var tls = TLSConfiguration.makeClientConfiguration()
            do { tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(path)) } catch {
                throw .badSetting(source: "AWS_CA_BUNDLE", problem: "\(path) holds no certificates (PEM)")
            }
            configuration.tlsConfiguration = tls
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit { client.shutdown { _ in } }

    /// A whole answer that means yes.
    /// - Parameter limit: of its body.
    func send(_ request: S3Request, limit: Int = documentBytesMax) async throws(ObjectError) -> Answer {
        var attempts = Attempts(retry)
        while true {
            do { return try await attempt(request, limit: limit) } catch { try await attempts.pause(after: error) }
        }
    }

    /// An answer's document.
    /// - Parameter roots: of the names of its root element.
    func document(_ request: S3Request, root roots: String...) async throws(ObjectError) -> XMLNode {
        var attempts = Attempts(retry)
        while true {
            do throws(S3Failure) {
                let answer = try await attempt(request, limit: Self.documentBytesMax)
                guard let document = XMLNode(parsing: answer.body) else {
                    throw failures.misunderstood(request, "it is no whole XML document")
                }
                // Some errors come late, after the head said yes (CompleteMultipartUpload).
                if document.name == "Error" {
                    throw failures.failure(request, status: answer.status, answer.headers, document)
                }
                guard roots.contains(document.name) else {
                    throw failures.misunderstood(
                        request, "it is a <\(ObjectError.line(document.name))>, not a <\(roots[0])>")
                }
                return document
            } catch { try await attempts.pause(after: error) }
        }
    }

    /// One attempt.
    func attempt(_ request: S3Request, limit: Int) async throws(S3Failure) -> Answer {
        let bytes = Double(request.body.length) + Double(min(limit, 1 << 40))
        let time = Self.attemptTime + .seconds(bytes / Self.bytesPerSecondMin)
        do {
            return try await within(time) { [self] in
                let response = try await open(request)
                return Answer(
                    status: Int(response.status.code), headers: response.headers,
                    body: Data(try await response.body.collect(upTo: limit).readableBytesView))
            }
        } catch { throw failures.failure(error, request) }
    }

    /// An answer that means yes, whose body is still to be read.
    func open(_ request: S3Request) async throws(S3Failure) -> HTTPClientResponse {
        do {
            let response = try await client.execute(signed(request), deadline: .distantFuture)
            if (200..<300).contains(response.status.code) { return response }
            let body = try? await response.body.collect(upTo: Self.errorBytesMax)
            let document = body.flatMap { XMLNode(parsing: Data($0.readableBytesView)) }
            throw failures.failure(request, status: Int(response.status.code), response.headers, document)
        } catch { throw failures.failure(error, request) }
    }

    private func signed(_ request: S3Request) -> HTTPClientRequest {
        let time = RequestSigner.time(Date())
        let path = endpoint.path(request.name.map { prefix + $0.text })
        let query = EscapedQuery.text(request.query)
        var headers =
            request.headers + [
                ("host", endpoint.host), ("x-amz-date", time), ("x-amz-content-sha256", request.body.sha256),
            ]
        if let token = signer.credentials.sessionToken { headers.append(("x-amz-security-token", token)) }
        let content = RequestSigner.Content(
            method: request.method.rawValue, path: path, query: query, headers: headers,
            payloadHash: request.body.sha256)
        var sent = HTTPClientRequest(url: endpoint.shown + path + (query.isEmpty ? "" : "?" + query))
        sent.method = request.method
        sent.headers = HTTPHeaders(headers.map { ($0.name, $0.value) })
        sent.headers.add(name: "authorization", value: signer.authorization(content, time: time))
        sent.headers.add(name: "user-agent", value: "hadal")
        if [.PUT, .POST].contains(request.method) { sent.body = request.body.sent }
        return sent
    }
}
