import NIOCore

/// Comes first on a new connection: sees where it comes from, and whether that address has too many already. Then it leaves,
/// so that no byte passes through it.
final class ConnectionGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    struct TooManyConnections: Error {}

    private let limits: AddressLimits
    private(set) var address: RemoteAddress?
    private(set) var isOpen = true

    private init(_ limits: AddressLimits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) {
        guard let address = context.remoteAddress.flatMap({ RemoteAddress($0) }) else { return }
        self.address = address
        isOpen = limits.enter(address)
        if isOpen { context.channel.closeFuture.whenComplete { [limits] _ in limits.leave(address) } }
    }

    /// Closes the channel where it is one too many.
    /// - Returns: where it comes from; nil for a Unix socket.
    static func pass(_ channel: any Channel, _ limits: AddressLimits) throws -> RemoteAddress? {
        let gate = ConnectionGate(limits)
        try channel.pipeline.syncOperations.addHandler(gate)
        guard gate.isOpen else {
            channel.close(promise: nil)
            throw TooManyConnections()
        }
        channel.pipeline.syncOperations.removeHandler(gate, promise: nil)
        return gate.address
    }
}
