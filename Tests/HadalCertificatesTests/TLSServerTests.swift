import Foundation
import HadalCertificates
import HadalHTTP
import NIOSSL
import TestSupport
import Testing

/// A server with TLS, as the programs of the system see it.
@Suite(.timeLimit(.minutes(15)), .enabled(if: Tool.areThere)) struct TLSServerTests {
    private let temporary: TemporaryDirectory
    private let directory: CertificateDirectory

    init() throws {
        temporary = try TemporaryDirectory()
        directory = try temporary.certificates()
    }

    private func serve(
        _ minimumVersion: ServerTLS.MinimumVersion = .tls13, limits: HTTPServer.Limits = .init(),
        _ body: @Sendable (SecureServer) async throws -> Void
    ) async throws {
        let keeper = try CertificateKeeper(
            ServerTLS(.automatic(directory, names: []), minimumVersion: minimumVersion), logger: LogLines().logger)
        try await SecureServer.run(tls: { keeper.context }, limits: limits, body)
    }

    private func openssl(_ server: SecureServer, _ arguments: String...) async throws -> Tool.Result {
        try await Tool.run(
            Tool.openssl,
            [
                "s_client", "-connect", "127.0.0.1:\(server.port)", "-servername", "localhost", "-CAfile",
                directory.authorityCertificate, "-verify_return_error",
            ] + arguments, input: "Q\n")
    }

    private func curl(_ server: SecureServer, _ path: String, _ arguments: String...) async throws -> Tool.Result {
        try await Tool.run(
            Tool.curl,
            [
                "-sS", "--max-time", "60", "--cacert", directory.authorityCertificate,
                "https://localhost:\(server.port)\(path)",
            ] + arguments)
    }

    @Test func openSSLTakesTLS13AndTheChain() async throws {
        try await serve { server in
            let result = try await openssl(server, "-verify_hostname", "localhost", "-alpn", "h2,http/1.1", "-tls1_3")
            #expect(result.status == 0, "\(result.output)")
            #expect(result.output.contains("Verification: OK") && result.output.contains("TLSv1.3"))
            #expect(result.output.contains("ALPN protocol: h2"))
            let byAddress = try await openssl(server, "-verify_ip", "127.0.0.1")
            #expect(byAddress.status == 0, "\(byAddress.output)")
        }
    }

    @Test func anotherNameIsNotTheServers() async throws {
        try await serve { server in
            let result = try await openssl(server, "-verify_hostname", "other.example")
            #expect(result.status != 0 && result.output.lowercased().contains("hostname mismatch"), "\(result.output)")
        }
    }

    @Test func olderTLSIsRefusedUnlessAllowed() async throws {
        try await serve { server in
            for version in ["-tls1_2", "-tls1_1"] {
                let result = try await openssl(server, version)
                #expect(result.status != 0 && result.output.contains("alert protocol version"), "\(result.output)")
            }
        }
        try await serve(.tls12) { server in
            let result = try await openssl(server, "-tls1_2")
            #expect(result.status == 0 && result.output.contains("ECDHE-ECDSA-AES256-GCM"), "\(result.output)")
            #expect(try await openssl(server, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA").status != 0)
            #expect(try await openssl(server, "-tls1_1").status != 0)
            #expect(try await openssl(server, "-tls1_3").status == 0)
        }
    }

    @Test func curlSpeaksHTTP2AndHTTP1() async throws {
        try await serve { server in
            for (option, version) in [("--http2", "2"), ("--http1.1", "1.1")] {
                let result = try await curl(server, "/", option, "-w", "version %{http_version} %{http_code}")
                #expect(result.output == "from 127.0.0.1 user - \nversion \(version) 200", "\(result.output)")
            }
        }
    }

    @Test func aLargeBodyGoesBothWaysOverHTTP2() async throws {
        let sent = temporary.file("body")
        let bytes = Data((0..<(9 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
        try bytes.write(to: URL(fileURLWithPath: sent))
        try await serve { server in
            let received = temporary.file("answer")
            let result = try await curl(
                server, "/echo", "--http2", "--data-binary", "@\(sent)", "-o", received, "-D", "-")
            #expect(result.status == 0 && result.output.hasPrefix("HTTP/2 200"), "\(result.output)")
            // Which HTTP/2 does not know (RFC 9113, 8.2.2).
            #expect(!result.output.lowercased().contains("connection:"))
            #expect(try Data(contentsOf: URL(fileURLWithPath: received)) == bytes)
        }
    }

    @Test func whoDoesNotKnowTheAuthorityDoesNotTrust() async throws {
        try await serve { server in
            let result = try await Tool.run(Tool.curl, ["-sS", "https://localhost:\(server.port)/"])
            #expect(result.status == 60, "\(result.output)")
        }
    }

    @Test func withoutTLSNothingIsSaid() async throws {
        try await serve { server in
            let answer = try await RawClient.run(port: server.port) { client in
                try await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                await client.waitForEnd()
                return client.text
            }
            #expect(!answer.contains("HTTP/1.1"))
        }
    }
}
