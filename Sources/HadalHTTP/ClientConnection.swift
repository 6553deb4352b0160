import NIOCore
import Synchronization

/// Tells when the other side of a connection went away, so that work for it can stop at once instead of at the next failing
/// write; in HTTP/2 also when it gave up the request (RST_STREAM), whose connection goes on. A side that closes its sending
/// direction only counts as gone: no client of these APIs does that and still reads.
public final class ClientConnection: Sendable {
    private struct State {
        var isClosed = false
        var nextID = 0
        var actions: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())
    let channel: (any Channel)?
    let executor: EventLoopExecutor?
    let peer: ConnectionPeer

    /// The client's IP address, without a port; nil where it has none, as on a Unix socket. Behind a proxy it is the proxy's.
    public var remoteAddress: String? { peer.address?.text }
    /// What the client has shown in the TLS handshake; nil where it was not asked, or had none.
    public var peerCertificate: PeerCertificate? { peer.certificate }

    /// Whether it is TLS from this server to the other side, which may be a proxy.
    public var isEncrypted: Bool { peer.isEncrypted }

    /// Of a request that comes over no connection.
    public convenience init() { self.init(nil, ConnectionPeer()) }

    /// The same, as if it came from somewhere.
    public convenience init(remoteAddress: String?, peerCertificate: PeerCertificate? = nil) {
        let address = remoteAddress.flatMap { try? SocketAddress(ipAddress: $0, port: 0) }
        self.init(
            nil, ConnectionPeer(address: address.flatMap { RemoteAddress($0) }, certificate: peerCertificate))
    }

    init(_ channel: (any Channel)?, _ peer: ConnectionPeer) {
        self.channel = channel
        self.peer = peer
        executor = channel.map { .of($0.eventLoop) }
    }

    public var isClosed: Bool { state.withLock(\.isClosed) }

    /// Runs `action` once when the connection closes, at once where it is closed already.
    /// - Returns: a name to `forget` it by.
    public func onClose(_ action: @escaping @Sendable () -> Void) -> Int {
        let id: Int? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.nextID += 1
            state.actions[state.nextID] = action
            return state.nextID
        }
        guard let id else {
            action()
            return 0
        }
        return id
    }

    public func forget(_ id: Int) { state.withLock { _ = $0.actions.removeValue(forKey: id) } }

    func close() { end(closes: true) }

    /// Ends the work for a connection that is none, which nobody waits for any more.
    public func giveUp() { close() }

    /// Ends the work for this connection as if it were closed; its client is still there to be told.
    func stop() { end(closes: false) }

    private func end(closes: Bool) {
        let actions = state.withLock { state in
            if closes { state.isClosed = true }
            defer { state.actions = [:] }
            return Array(state.actions.values)
        }
        for action in actions { action() }
    }

    /// Fails what `body` receives with `error` where it takes longer than the limit.
    func receiving<Value: Sendable>(
        within limit: Duration, orFail error: some Error, _ body: () async throws -> Value
    ) async throws -> Value {
        guard let channel else { return try await body() }
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(limit)) { channel.pipeline.fireErrorCaught(error) }
        defer { timer.cancel() }
        return try await body()
    }

    /// Runs `body` in a task that is cancelled when the connection closes.
    public func whileOpen<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let task = Task(executorPreference: executor) { try await body() }
        let id = onClose { task.cancel() }
        defer { forget(id) }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
