import Foundation
import HadalCertificates
import HadalHTTP
import NIOSSL
import TestSupport
import Testing

/// HTTP/2 byte by byte: what ends a request, and what ends a connection.
@Suite(.timeLimit(.minutes(15))) struct HTTP2Tests {
    private let temporary: TemporaryDirectory
    private let directory: CertificateDirectory
    private let keeper: CertificateKeeper

    init() throws {
        temporary = try TemporaryDirectory()
        directory = try temporary.certificates()
        keeper = try CertificateKeeper(ServerTLS(.automatic(directory, names: [])), logger: LogLines().logger)
    }

    private func connect(
        _ change: (inout HTTPServer.Limits) -> Void = { _ in },
        _ body: @Sendable (SecureServer, inout RawClient) async throws -> Void
    ) async throws {
        var limits = HTTPServer.Limits()
        change(&limits)
        try await SecureServer.run(tls: { [keeper] in keeper.context }, limits: limits) { server in
            try await connect(server, body)
        }
    }

    private func connect(
        _ server: SecureServer, _ body: @Sendable (SecureServer, inout RawClient) async throws -> Void
    ) async throws {
        let tls = try TLSClient.configuration(trusting: directory, alpn: ["h2"])
        try await RawClient.run(port: server.port, tls: tls) { client in
            try await client.send(HTTP2Frames.preface)
            // The server's settings hold once they are confirmed.
            #expect(await client.read { HTTP2Frames.parse($0).contains { $0.type == 4 } })
            try await client.send(HTTP2Frames.frame(4, flags: 1))
            try await body(server, &client)
        }
    }

    @Test func aResetStreamEndsItsProducerAndNothingElse() async throws {
        try await connect { server, client in
            var stopped = server.stopped.makeAsyncIterator()
            try await client.send(HTTP2Frames.request("/stream", stream: 1) + HTTP2Frames.request("/stream", stream: 3))
            var started = server.started.makeAsyncIterator()
            for _ in 0..<2 { _ = await started.next() }
            try await client.send(HTTP2Frames.reset(stream: 1))
            _ = await stopped.next()
            try await client.send(HTTP2Frames.request("/", stream: 5))
            #expect(await client.read(until: "from 127.0.0.1"))
            try await client.send(HTTP2Frames.reset(stream: 3))
            _ = await stopped.next()
            #expect(HTTP2Frames.goAway(client.received) == nil)
        }
    }

    @Test func aClientThatGoesEndsAllItsProducers() async throws {
        try await SecureServer.run(tls: { [keeper] in keeper.context }) { server in
            try await connect(server) { server, client in
                for stream in [1, 3, 5] as [UInt32] {
                    try await client.send(HTTP2Frames.request("/stream", stream: stream))
                }
                var started = server.started.makeAsyncIterator()
                for _ in 0..<3 { _ = await started.next() }
            }
            var stopped = server.stopped.makeAsyncIterator()
            for _ in 0..<3 { _ = await stopped.next() }
        }
    }

    enum Flood: CaseIterable { case resets, pings, settings, continuations, emptyData }

    @Test(arguments: Flood.allCases) func aFloodEndsTheConnectionAndNoOther(flood: Flood) async throws {
        try await connect({ $0.idleTime = .seconds(600) }) { server, client in
            try? await send(flood, over: client)
            await client.waitForEnd()
            #expect([HTTP2Frames.enhanceYourCalm, 1].contains(HTTP2Frames.goAway(client.received)))
            try await connect(server) { _, other in
                try await other.send(HTTP2Frames.request("/", stream: 1))
                #expect(await other.read(until: "from 127.0.0.1"))
            }
        }
    }

    private func send(_ flood: Flood, over client: RawClient) async throws {
        switch flood {
        case .resets:
            for stream in stride(from: UInt32(1), to: 1001, by: 2) {
                try await client.send(
                    HTTP2Frames.request("/stream", stream: stream) + HTTP2Frames.reset(stream: stream))
            }
        case .pings:
            for number in 0..<1000 { try await client.send(HTTP2Frames.ping(UInt8(truncatingIfNeeded: number))) }
        case .settings:
            for _ in 0..<1000 { try await client.send(HTTP2Frames.frame(4)) }
        case .continuations:
            try await client.send(HTTP2Frames.frame(1, flags: 1, stream: 1, HTTP2Frames.block("/")))
            for _ in 0..<1000 { try await client.send(HTTP2Frames.frame(9, stream: 1)) }
        case .emptyData:
            let post = [UInt8(0x83), 0x87, 0x84, 0x01, 1, 0x61]
            try await client.send(HTTP2Frames.frame(1, flags: 4, stream: 1, post))
            for _ in 0..<1000 { try await client.send(HTTP2Frames.frame(0, stream: 1)) }
        }
    }

    @Test(arguments: [(20 << 10, true), (40 << 10, false)])
    func headersAreTakenUpToTheirLimit(size: Int, isTaken: Bool) async throws {
        try await connect { _, client in
            let field = HTTP2Frames.field("x-long", String(repeating: "a", count: size))
            let block = HTTP2Frames.block("/") + field
            // Frames are of up to 16 KiB.
            let pieces = stride(from: 0, to: block.count, by: 16384).map { Array(block[$0...].prefix(16384)) }
            for (index, piece) in pieces.enumerated() {
                let isLast: UInt8 = index == pieces.count - 1 ? HTTP2Frames.endHeaders : 0
                let frame =
                    index == 0
                    ? HTTP2Frames.frame(1, flags: HTTP2Frames.endStream | isLast, stream: 1, piece)
                    : HTTP2Frames.frame(9, flags: isLast, stream: 1, piece)
                try? await client.send(frame)
            }
            #expect(await client.read(until: "from 127.0.0.1") == isTaken)
        }
    }

    @Test func moreStreamsThanAllowedAreRefused() async throws {
        try await connect({ $0.streams = 2 }) { server, client in
            var started = server.started.makeAsyncIterator()
            for stream in [1, 3, 5] as [UInt32] {
                try await client.send(HTTP2Frames.request("/stream", stream: stream))
                if stream < 5 { _ = await started.next() }
            }
            let isRefused = await client.read { bytes in
                HTTP2Frames.goAway(bytes) != nil || HTTP2Frames.parse(bytes).contains { $0.type == 3 && $0.stream == 5 }
            }
            #expect(isRefused)
            let limits = HTTP2Frames.parse(client.received).filter { $0.type == 4 && $0.flags == 0 }.flatMap(\.payload)
            // SETTINGS_MAX_CONCURRENT_STREAMS
            #expect(limits.starts(with: [0, 3, 0, 0, 0, 2]))
        }
    }

    @Test func whoDoesNotConfirmTheSettingsIsHeldToThemAllTheSame() async throws {
        var limits = HTTPServer.Limits()
        limits.streams = 2
        limits.idleTime = .seconds(600)
        try await SecureServer.run(tls: { [keeper] in keeper.context }, limits: limits) { server in
            let tls = try TLSClient.configuration(trusting: directory, alpn: ["h2"])
            try await RawClient.run(port: server.port, tls: tls) { client in
                try await client.send(HTTP2Frames.preface)
                for stream in stride(from: UInt32(1), to: 100, by: 2) {
                    try? await client.send(HTTP2Frames.request("/stream", stream: stream))
                }
                await client.waitForEnd()
                #expect(HTTP2Frames.goAway(client.received) == HTTP2Frames.enhanceYourCalm)
            }
        }
    }

    enum Idleness: CaseIterable { case silent, pinging, halfAHead }

    @Test(arguments: Idleness.allCases)
    func aConnectionWithoutStreamsIsClosedWhateverElseComes(idleness: Idleness) async throws {
        try await connect({ $0.idleTime = .seconds(8) }) { _, client in
            switch idleness {
            case .silent: break
            case .pinging:
                // As many as are allowed.
                for number in 0..<100 { try? await client.send(HTTP2Frames.ping(UInt8(number))) }
            case .halfAHead: try? await client.send(HTTP2Frames.frame(1, flags: 1, stream: 1, HTTP2Frames.block("/")))
            }
            await client.waitForEnd()
            #expect(HTTP2Frames.goAway(client.received) == HTTP2Frames.noError)
        }
    }

    @Test func aServerThatStopsLetsStreamsEndAndTakesNoMore() async throws {
        try await connect { server, client in
            try await client.send(HTTP2Frames.request("/stream", stream: 1))
            #expect(await client.read(until: "first"))
            await server.stop()
            #expect(await client.read { HTTP2Frames.goAway($0) == HTTP2Frames.noError })
            let goAway = HTTP2Frames.parse(client.received).last { $0.type == 7 }
            // The last stream that is served.
            #expect(goAway?.payload.prefix(4) == HTTP2Frames.bytes(1)[...])
            try await client.send(HTTP2Frames.request("/", stream: 3) + HTTP2Frames.reset(stream: 1))
            for await _ in server.stopped { break }
            await client.waitForEnd()
            #expect(!client.text.contains("from 127.0.0.1"))
        }
    }

    @Test func aMalformedRequestEndsItsStreamOnly() async throws {
        try await connect { server, client in
            try await client.send(HTTP2Frames.request("/stream", stream: 1))
            #expect(await client.read(until: "first"))
            // No path, and a field that HTTP/2 forbids.
            let blocks = [[UInt8(0x82), 0x87], HTTP2Frames.block("/") + HTTP2Frames.field("connection", "close")]
            for (index, block) in blocks.enumerated() {
                let stream = UInt32(3 + 2 * index)
                try await client.send(HTTP2Frames.frame(1, flags: 5, stream: stream, block))
                #expect(await client.read { HTTP2Frames.parse($0).contains { $0.type == 3 && $0.stream == stream } })
            }
            try await client.send(HTTP2Frames.request("/", stream: 7))
            #expect(await client.read(until: "from 127.0.0.1"))
        }
    }
}
