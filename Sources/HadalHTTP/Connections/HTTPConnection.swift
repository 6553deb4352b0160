import HummingbirdCore
import NIOCore

/// A connection, or a stream of one, that speaks HTTP. A server that stops while clients connect drops some which nobody
/// handles: those close, where an unfinished `NIOAsyncChannel` would end the process.
final class HTTPConnection: ServerChildChannelValue {
    let value: HTTP1Channel.Value

    var channel: any Channel { value.channel }

    init(_ value: HTTP1Channel.Value) { self.value = value }

    deinit {
        value.outbound.finish()
        channel.close(promise: nil)
    }
}
