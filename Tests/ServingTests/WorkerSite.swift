import AsyncHTTPClient
import Foundation
import HadalCertificates
import HadalGateway
import HadalWorker
import NIOCore
import NIOHTTP1
import NIOSSL
import TestSupport
import Testing

/// A gateway's machine and a worker's, as far as certificates tell them apart: two directories, and an authority in the first.
struct WorkerSite: Sendable {
    private let temporary: TemporaryDirectory
    let gateway: CertificateDirectory
    /// Without the authority's key, as `scp` brought it.
    let worker: CertificateDirectory

    /// - Parameter names: of the worker.
    init(names: [String] = ["127.0.0.1"]) throws {
        temporary = try TemporaryDirectory()
        gateway = CertificateDirectory(temporary.file("gateway/certificates"))
        worker = CertificateDirectory(temporary.file("worker"))
        try FileManager.default.createDirectory(atPath: worker.path, withIntermediateDirectories: true)
        try gateway.initialise(organization: "Test", names: [SubjectName(server: "localhost")], now: Date())
        try bring(names: names)
    }

    /// The gateway's `--data`.
    var data: String { temporary.file("gateway") }

    /// An authority that has nothing to do with this one.
    func otherAuthority() throws -> CertificateDirectory {
        let other = CertificateDirectory(temporary.file("other-\(UUID().uuidString)"))
        try other.initialise(organization: "Test", names: [SubjectName(server: "localhost")], now: Date())
        return other
    }

    /// Issues the worker's certificate anew and copies it with the authority's, as an operator does.
    func bring(
        names: [String] = ["127.0.0.1"], by authority: CertificateDirectory? = nil, days: Int = 90, now: Date = Date()
    ) throws {
        let names = try names.map { (name) throws(CertificateError) in try SubjectName(server: name) }
        let issued = try (authority ?? gateway).issue(
            Leaf(.server, commonName: "gpu1", names: names, days: days), as: "gpu1", now: now)
        try copy(gateway.authorityCertificate, to: worker.authorityCertificate)
        try copy(issued.key, to: worker.serverFiles.key)
        try copy(issued.certificate, to: worker.serverFiles.certificate)
    }

    private func copy(_ source: String, to target: String) throws {
        try Data(contentsOf: URL(fileURLWithPath: source)).write(to: URL(fileURLWithPath: target))
    }

    func issue(
        _ purpose: Leaf.Purpose, _ name: SubjectName, by authority: CertificateDirectory? = nil, days: Int = 90,
        now: Date = Date()
    ) throws -> CertificateFiles {
        let leaf = Leaf(purpose, commonName: "somebody", names: [name], days: days)
        return try (authority ?? gateway).issue(leaf, as: UUID().uuidString, now: now)
    }

    /// A worker in this process, for the time of `body`.
    func work<Value: Sendable>(
        _ backend: ScriptedBackend = ScriptedBackend(), _ body: @escaping @Sendable (RunningSite) async throws -> Value
    ) async throws -> Value {
        let notes = Notes()
        let (ports, signal) = AsyncStream<Int>.makeStream()
        var options = WorkerServer.Options()
        options.handlesSignals = false
        let server = WorkerServer(
            backend: backend, address: .network(host: "127.0.0.1", port: 0, .directory(worker)), options: options,
            logger: notes.logger, onReady: { signal.yield($0 ?? 0) })
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                defer { signal.finish() }
                try await server.run()
                return nil
            }
            group.addTask {
                for await port in ports { return try await body(RunningSite(site: self, port: port, notes: notes)) }
                return nil
            }
            while let value = try await group.next() {
                guard let value else { continue }
                group.cancelAll()
                return value
            }
            throw CancellationError()
        }
    }
}

/// A site whose worker listens.
struct RunningSite: Sendable {
    let site: WorkerSite
    let port: Int
    /// What the worker has logged.
    let notes: Notes

    /// The model's name is `scripted` here too.
    func configure(_ configuration: inout GatewayConfiguration, host: String = "127.0.0.1") throws {
        let url = try #require(URL(string: "https://\(host):\(port)"))
        configuration.models = [ServedModel(name: "scripted", worker: url)]
        configuration.workerCertificates = .directory(site.gateway)
    }

    /// Over a new connection for each request, on which both show their certificates. (HTTP/2 would keep the first one.)
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// Asks the worker how it is, as somebody else than a gateway may.
    /// - Parameter files: nil: without a certificate.
    func ask(as files: CertificateFiles?) async throws -> HTTPClientResponse {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(site.gateway.authorityCertificate)
        if let files {
            tls.certificateChain = try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))
        }
        var request = HTTPClientRequest(url: "https://127.0.0.1:\(port)/model")
        request.tlsConfiguration = tls
        request.headers.add(name: "connection", value: "close")
        return try await Self.http.execute(request, timeout: .seconds(30))
    }
}

/// Waits until something is so.
/// - Returns: whether it was within the limit.
func becomes(
    within limit: Duration = .seconds(180), _ isSo: @Sendable () async throws -> Bool
) async rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await isSo() { return true }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return false
}
