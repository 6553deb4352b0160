import Foundation
import NIOCore

extension Channel {
    /// Lets the system end a TCP connection whose other side has not answered for twenty seconds. A process that dies closes
    /// its connections; a machine that loses its power or its network does not, and who waits for it would wait on.
    /// - Returns: when that is done, at once where this runs on the channel's loop. It does not fail.
    public func endWhenPeerIsLost() -> EventLoopFuture<Void> {
        guard remoteAddress?.ipAddress != nil else { return eventLoop.makeSucceededVoidFuture() }
        #if canImport(Darwin)
            let further = [(TCP_KEEPALIVE, 5), (TCP_KEEPINTVL, 5), (TCP_KEEPCNT, 3)]
        #else
            // The last is in milliseconds, and for what was sent and is not confirmed.
            let further = [(TCP_KEEPIDLE, 5), (TCP_KEEPINTVL, 5), (TCP_KEEPCNT, 3), (TCP_USER_TIMEOUT, 20_000)]
        #endif
        let options = further.map { name, value in
            setOption(
                .tcpOption(NIOBSDSocket.Option(rawValue: name)), value: ChannelOptions.Types.SocketOption.Value(value))
        }
        // What takes no options is closed already.
        return EventLoopFuture<Void>.andAllSucceed(
            options + [setOption(.socketOption(.so_keepalive), value: 1)], on: eventLoop
        ).recover { _ in }
    }
}
