import AsyncHTTPClient
import HadalHTTP
import NIOCore
import NIOPosix

/// A client for each event loop, so that a worker's answer comes in on the thread that passes it on.
struct HTTPClients: Sendable {
    private let clients: [ObjectIdentifier: HTTPClient]
    private let anyone: HTTPClient

    /// Clients that hold a connection for each request in progress.
    init(connections: Int) {
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        // A worker that is gone is started anew; waiting for the old socket helps nobody.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(10)
        // Of one on another machine that has lost its power nothing tells otherwise.
        configuration.http1_1ConnectionDebugInitializer = { $0.endWhenPeerIsLost() }
        // Its attributes are computed even where nobody traces.
        configuration.tracing.tracer = nil
        var clients: [ObjectIdentifier: HTTPClient] = [:]
        for eventLoop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            clients[ObjectIdentifier(eventLoop)] = HTTPClient(
                eventLoopGroupProvider: .shared(eventLoop), configuration: configuration)
        }
        self.clients = clients
        anyone = clients.values.first!
    }

    var ofThisThread: HTTPClient {
        MultiThreadedEventLoopGroup.currentEventLoop.flatMap { clients[ObjectIdentifier($0)] } ?? anyone
    }

    func shutdown() async throws {
        for client in clients.values { try await client.shutdown() }
    }
}
