import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Testing

/// A connection over which a test says exactly what it wants.
struct RawClient {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let channel: any Channel
    private(set) var received: [UInt8] = []

    /// - Parameters:
    ///   - tls: nil: none.
    ///   - source: an address of this machine to come from.
    static func run<Value: Sendable>(
        port: Int, tls: TLSConfiguration? = nil, source: String? = nil,
        _ body: (inout RawClient) async throws -> Value
    ) async throws -> Value {
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        if let source { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: source, port: 0)) }
        let channel = try await bootstrap.connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                if let context {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(context: context, serverHostname: "localhost"))
                }
                return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            var client = RawClient(
                inbound: inbound.makeAsyncIterator(), outbound: outbound, channel: channel.channel)
            return try await body(&client)
        }
    }

    func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }
    func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    /// Reads on until what has come says so, or the end.
    /// - Returns: whether it said so.
    mutating func read(until isDone: ([UInt8]) -> Bool) async -> Bool {
        while !isDone(received) {
            // A connection that is cut ends as one that is closed.
            guard let bytes = try? await inbound.next() else { return false }
            received += bytes.readableBytesView
        }
        return true
    }

    mutating func read(until text: String) async -> Bool {
        let end = Array(text.utf8)
        return await read { !$0.ranges(of: end).isEmpty }
    }

    /// Waits until the other side has ended the connection.
    mutating func waitForEnd() async { _ = await read { _ in false } }

    mutating func forget() { received = [] }

    var text: String { String(decoding: received, as: UTF8.self) }

    /// Asks who it is taken for, on a connection that goes on.
    /// - Returns: nil where no answer comes.
    mutating func askWho() async throws -> String? {
        forget()
        try await send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let isThere = await read { $0.last == UInt8(ascii: "\n") && !$0.ranges(of: Array("from ".utf8)).isEmpty }
        return isThere ? text : nil
    }

    mutating func expectToBeServed(_ location: SourceLocation = #_sourceLocation) async throws {
        let answer = try await askWho()
        #expect(answer != nil, sourceLocation: location)
    }

    /// Of the certificate that the server has shown, as hex digits.
    func serverSerial() async throws -> String {
        try await channel.eventLoop.submit { [channel] in
            let handler = try channel.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
            return try #require(handler.peerCertificate).serialNumber.map {
                ($0 < 16 ? "0" : "") + String($0, radix: 16)
            }
            .joined()
        }.get()
    }
}
