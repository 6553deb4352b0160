import Foundation
import HadalHTTP
import NIOCore
import NIOPosix
import Testing

/// A machine that loses its power closes no connection; the system has to find out. The wait itself is the system's.
@Suite struct LostPeerTests {
    @Test func theSystemIsToldToGiveUpAConnectionWhosePeerIsSilent() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let server = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0).get()
        let client = try await ClientBootstrap(group: group)
            .channelInitializer { $0.endWhenPeerIsLost() }
            .connect(to: try #require(server.localAddress)).get()
        // Where the initializer runs there is no peer yet, as in a client that calls this once it is connected.
        try await client.endWhenPeerIsLost().get()
        #expect(try await client.getOption(.socketOption(.so_keepalive)).get() == 1)
        #expect(try await option(TCP_KEEPIDLE, client) == 5)
        #expect(try await option(TCP_KEEPINTVL, client) == 5)
        #expect(try await option(TCP_USER_TIMEOUT, client) == 20_000)
        try await client.close()
        try await server.close()
    }

    private func option(_ name: Int32, _ channel: any Channel) async throws -> Int {
        Int(try await channel.getOption(.tcpOption(NIOBSDSocket.Option(rawValue: name))).get())
    }

    @Test func aUnixSocketHasNoSuchOptions() async throws {
        let path = "/tmp/hadal-\(UInt32.random(in: .min ... .max)).sock"
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(unixDomainSocketPath: path).get()
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(unixDomainSocketPath: path).get()
        try await client.endWhenPeerIsLost().get()
        #expect(try await client.getOption(.socketOption(.so_keepalive)).get() == 0)
        try await client.close()
        try await server.close()
        unlink(path)
    }
}
