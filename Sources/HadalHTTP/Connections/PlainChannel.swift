import HummingbirdCore
import Logging
import NIOCore

/// A connection without TLS: HTTP/1.1. Its task runs on its event loop.
struct PlainChannel: ServerChildChannel {
    let http1: HTTP1Connections
    let addresses: AddressLimits

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTPConnection> {
        do {
            let address = try ConnectionGate.pass(channel, addresses)
            return http1.setup(channel, ConnectionPeer(address: address), logger)
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
    }

    func handle(value: HTTPConnection, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor.of(value.channel.eventLoop)) {
            await http1.handle(value, logger)
        }
    }
}
