import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A TCP port that an HTTP server accepts connections on, and that can be handed over to another process: its queue of
/// connections belongs to the system, and lives as long as any process holds the descriptor.
public final class Listener: Sendable {
    private struct State {
        /// -1: none yet.
        var descriptor: Int32
        var isPaused: Bool
        var isRetired = false
        var channel: (any Channel)?
        var connections = 0
        var whenUnused = WaitingList()
    }

    /// More connections that wait to be accepted are still not refused, but tried again by their system.
    static let backlog: Int32 = 4096

    private let state: Mutex<State>

    /// - Parameters:
    ///   - inherited: a descriptor of a port that another process has opened; nil: one is opened.
    ///   - isPaused: whether connections wait until `resume`.
    public init(inherited: Int32? = nil, isPaused: Bool = false) {
        state = Mutex(State(descriptor: inherited ?? -1, isPaused: isPaused))
    }

    deinit { end() }

    /// Who connects from here on is refused, unless another process has the port.
    func end() {
        let descriptor = state.withLock { state in
            defer { state.descriptor = -1 }
            return state.descriptor
        }
        if descriptor >= 0 { close(descriptor) }
    }

    /// To be given to another process; -1 before the server runs. It stays this object's.
    public var descriptor: Int32 { state.withLock(\.descriptor) }

    /// Whether connections end after the request that is answered on them.
    public var isRetired: Bool { state.withLock(\.isRetired) }

    /// Those that come wait in the system's queue from here on.
    public func pause() async { await set(isPaused: true) }

    public func resume() async { await set(isPaused: false) }

    private func set(isPaused: Bool) async {
        let channel = state.withLock { state in
            state.isPaused = isPaused
            return state.channel
        }
        // A channel that is closed already accepts nothing either.
        try? await channel?.setOption(.autoRead, value: !isPaused).get()
    }

    /// Another process accepts what comes. Connections that are there end with the next answer on them, idle ones when
    /// they have been idle for as long as any.
    public func retire() { state.withLock { $0.isRetired = true } }

    /// Returns when no connection is open, or the task is cancelled.
    public func unused() async {
        let stream = state.withLock { $0.connections == 0 ? nil : $0.whenUnused.join() }
        guard let stream else { return }
        for await _ in stream {}
    }

    // MARK: the server's part

    var isPaused: Bool { state.withLock(\.isPaused) }

    /// A descriptor for the server's channel, which closes it.
    /// - Throws: what the system says where the address cannot be listened on.
    func open(host: String, port: Int) throws -> Int32 {
        if descriptor < 0 {
            let opened = try ListeningSocket.open(try .makeAddressResolvingHost(host, port: port))
            state.withLock { $0.descriptor = opened }
        }
        return try ListeningSocket.duplicate(descriptor)
    }

    func isServed(by channel: any Channel) async {
        let isPaused = state.withLock { state in
            state.channel = channel
            // The channel has set the queue to a length of its own.
            if state.descriptor >= 0 { listen(state.descriptor, Self.backlog) }
            return state.isPaused
        }
        try? await channel.setOption(.autoRead, value: !isPaused).get()
    }

    func count(_ channel: any Channel) {
        state.withLock { $0.connections += 1 }
        channel.closeFuture.whenComplete { [self] _ in
            state.withLock { state in
                state.connections -= 1
                if state.connections == 0 { state.whenUnused.wakeAll() }
            }
        }
    }
}

/// Counts the connections that a server accepts.
final class ConnectionCount: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let listener: Listener

    init(_ listener: Listener) { self.listener = listener }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        listener.count(unwrapInboundIn(data))
        context.fireChannelRead(data)
    }
}
