import Foundation
import HadalCertificates
import HadalHTTP
import NIOSSL
import TestSupport
import Testing

/// What a client may take before anybody knows who it is, with and without TLS.
@Suite(.timeLimit(.minutes(15))) struct LimitTests {
    private let temporary: TemporaryDirectory
    private let directory: CertificateDirectory
    private let keeper: CertificateKeeper

    init() throws {
        temporary = try TemporaryDirectory()
        directory = try temporary.certificates()
        keeper = try CertificateKeeper(ServerTLS(.automatic(directory, names: [])), logger: LogLines().logger)
    }

    private func serve(
        tls: Bool, _ change: (inout HTTPServer.Limits) -> Void, _ body: @Sendable (SecureServer) async throws -> Void
    ) async throws {
        var limits = HTTPServer.Limits()
        change(&limits)
        let context: @Sendable () -> NIOSSLContext = { [keeper] in keeper.context }
        try await SecureServer.run(tls: tls ? context : nil, limits: limits, body)
    }

    private func client(
        _ server: SecureServer, tls: Bool, from source: String? = nil,
        _ body: (inout RawClient) async throws -> Void
    ) async throws {
        let configuration = tls ? try TLSClient.configuration(trusting: directory) : nil
        try await RawClient.run(port: server.port, tls: configuration, source: source, body)
    }

    enum Slowness: CaseIterable { case silent, trickling, secondRequest }

    @Test(arguments: [true, false], Slowness.allCases)
    func aHeadThatDoesNotComeEndsTheConnection(tls: Bool, slowness: Slowness) async throws {
        try await serve(tls: tls) { limits in
            limits.headTime = .milliseconds(200)
            limits.idleTime = .seconds(600)
        } _: { server in
            try await client(server, tls: tls) { slow in
                switch slowness {
                case .silent:
                    try await slow.send("GET / HTTP/1.1\r\nHost: local")
                case .trickling:
                    try await slow.send("GET / HTTP/1.1\r\nX-Long: ")
                    try await client(server, tls: tls) { other in
                        // A byte for each answer on another connection: it is never idle.
                        while (try? await slow.send("a")) != nil { try await other.expectToBeServed() }
                    }
                case .secondRequest:
                    try await slow.expectToBeServed()
                    try await slow.send("GET / HTTP/1.1\r\n")
                }
                await slow.waitForEnd()
            }
        }
    }

    @Test(arguments: ["", "\u{16}\u{3}\u{1}", "GET / HTTP/1.1\r\n"])
    func aHandshakeThatDoesNotComeEndsTheConnection(beginning: String) async throws {
        try await serve(tls: true, { $0.handshakeTime = .milliseconds(200) }) { server in
            try await client(server, tls: false) { client in
                try? await client.send(beginning)
                await client.waitForEnd()
            }
        }
    }

    @Test(arguments: [true, false]) func oneAddressCannotHaveAllConnections(tls: Bool) async throws {
        try await serve(tls: tls, { $0.connectionsPerLoopbackAddress = 4 }) { server in
            try await hold(4, server, tls: tls, from: "127.0.0.2") {
                for _ in 0..<20 {
                    let answer = try? await RawClient.run(
                        port: server.port, tls: tls ? try TLSClient.configuration(trusting: directory) : nil,
                        source: "127.0.0.2"
                    ) { try await $0.askWho() }
                    #expect((answer ?? nil) == nil)
                }
                try await client(server, tls: tls, from: "127.0.0.3") { other in
                    let answer = try await other.askWho()
                    #expect(answer?.contains("from 127.0.0.3 ") == true)
                }
            }
            // Their places are free again, as soon as the server has seen them go.
            var isServed = false
            while !isServed {
                try? await client(server, tls: tls, from: "127.0.0.2") { isServed = try await $0.askWho() != nil }
            }
        }
    }

    /// Runs `body` while so many connections are open.
    private func hold(
        _ count: Int, _ server: SecureServer, tls: Bool, from source: String, _ body: () async throws -> Void
    ) async throws {
        guard count > 0 else { return try await body() }
        try await client(server, tls: tls, from: source) { held in
            try await held.expectToBeServed()
            try await hold(count - 1, server, tls: tls, from: source, body)
            try await held.expectToBeServed()
        }
    }

    @Test func aConnectionThatShakesHandsDoesNotHoldUpTheEnd() async throws {
        try await serve(tls: true, { _ in }) { server in
            try await client(server, tls: false) { client in
                try await client.send("\u{16}")
                // It was accepted before this one.
                try await self.client(server, tls: true) { try await $0.expectToBeServed() }
                await server.stop()
                await client.waitForEnd()
            }
        }
    }
}
