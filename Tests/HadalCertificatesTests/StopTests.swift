import HadalCertificates
import HadalHTTP
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport
import Testing

/// The end of a server to which clients are connecting.
@Suite(.timeLimit(.minutes(15))) struct StopTests {
    struct Cancelled: Error {}

    /// Connections that were accepted as it stopped, and that nobody handles, once ended the process.
    @Test(arguments: [true, false], [true, false])
    func connectionsAsItStopsAreClosed(tls: Bool, gracefully: Bool) async throws {
        let temporary = try TemporaryDirectory()
        let keeper = try CertificateKeeper(
            ServerTLS(.automatic(try temporary.certificates(), names: [])), logger: LogLines().logger)
        let context: @Sendable () -> NIOSSLContext = { keeper.context }
        for _ in 0..<8 {
            let (connections, connection) = AsyncStream<EventLoopFuture<any Channel>>.makeStream()
            do {
                try await SecureServer.run(tls: tls ? context : nil) { server in
                    let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    let clients = (0..<100).map { _ in bootstrap.connect(host: "127.0.0.1", port: server.port) }
                    for client in clients { connection.yield(client) }
                    _ = try await clients[0].get()
                    if !gracefully { throw Cancelled() }
                }
            } catch is Cancelled {}
            connection.finish()
            for await client in connections {
                guard let channel = try? await client.get() else { continue }
                try await channel.closeFuture.get()
            }
        }
    }
}
