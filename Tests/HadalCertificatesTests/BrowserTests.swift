import Foundation
import HadalCertificates
import HadalHTTP
import TestSupport
import Testing

/// A server with a certificate of our own authority, as Chromium sees it.
@Suite(.timeLimit(.minutes(15)), .enabled(if: Browser.isThere)) struct BrowserTests {
    private let temporary: TemporaryDirectory
    private let directory: CertificateDirectory

    init() throws {
        temporary = try TemporaryDirectory()
        directory = try temporary.certificates()
    }

    private func serve(_ body: @Sendable (SecureServer) async throws -> Void) async throws {
        let keeper = try CertificateKeeper(ServerTLS(.automatic(directory, names: [])), logger: LogLines().logger)
        try await SecureServer.run(tls: { keeper.context }, body)
    }

    @Test func aBrowserThatTrustsTheAuthorityShowsThePageOverHTTP2() async throws {
        let browser = try await Browser(temporary, trusting: directory.authorityCertificate)
        try await serve { server in
            let page = try await browser.open("https://localhost:\(server.port)/")
            #expect(page.shown.contains("<body>") && page.shown.contains("from 127.0.0.1"), "\(page)")
            #expect(page.log.contains(#""next_proto":"h2""#) && page.log.contains(#""version":"TLS 1.3""#))
        }
    }

    @Test func aBrowserThatDoesNotTrustItShowsNothing() async throws {
        let browser = try await Browser(temporary, trusting: nil)
        try await serve { server in
            let page = try await browser.open("https://localhost:\(server.port)/")
            #expect(!page.shown.contains("from 127.0.0.1"))
            #expect(page.shown.contains("ERR_CERT_AUTHORITY_INVALID"), "\(page)")
        }
    }
}

/// Chromium without a window, with a home of its own and so a list of trusted authorities of its own.
struct Browser {
    private static let chromium = "/usr/bin/chromium"
    private static let certutil = "/usr/bin/certutil"
    static var isThere: Bool {
        [chromium, certutil].allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }
    }

    struct Page {
        /// The page's document, and what the browser says of what it could not load.
        let shown: String
        /// Of its connections.
        let log: String
    }

    private let home: URL

    init(_ directory: TemporaryDirectory, trusting authority: String?) async throws {
        home = URL(fileURLWithPath: directory.file("home"))
        let store = home.appendingPathComponent(".pki/nssdb")
        try FileManager.default.createDirectory(at: store, withIntermediateDirectories: true)
        try await certutil(store, "-N", "--empty-password")
        if let authority { try await certutil(store, "-A", "-t", "C,,", "-n", "hadal", "-i", authority) }
    }

    private func certutil(_ store: URL, _ arguments: String...) async throws {
        let result = try await Tool.run(Self.certutil, ["-d", "sql:\(store.path)"] + arguments)
        try #require(result.status == 0, "\(result.output)")
    }

    func open(_ address: String) async throws -> Page {
        let log = home.appendingPathComponent("network.json")
        // Without a sandbox, which root cannot have.
        let result = try await Tool.run(
            "/usr/bin/env",
            [
                "HOME=\(home.path)", Self.chromium, "--headless", "--no-sandbox", "--disable-gpu",
                "--disable-dev-shm-usage", "--user-data-dir=\(home.path)/profile", "--log-net-log=\(log.path)",
                "--dump-dom", address,
            ])
        return Page(
            shown: result.output, log: String(decoding: (try? Data(contentsOf: log)) ?? Data(), as: UTF8.self))
    }
}
