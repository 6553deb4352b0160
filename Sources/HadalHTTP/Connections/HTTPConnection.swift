import HummingbirdCore
import NIOCore
import Synchronization

/// A connection, or a stream of one, that speaks HTTP. A server that stops while clients connect drops some which nobody
/// handles: those close, where an unfinished `NIOAsyncChannel` would end the process.
final class HTTPConnection: ServerChildChannelValue {
    private let value: HTTP1Channel.Value
    private let isTaken = Atomic(false)

    var channel: any Channel { value.channel }

    init(_ value: HTTP1Channel.Value) { self.value = value }

    /// For who handles it, and closes it.
    func take() -> HTTP1Channel.Value {
        isTaken.store(true, ordering: .relaxed)
        return value
    }

    deinit {
        guard !isTaken.load(ordering: .acquiring) else { return }
        Task { [value] in try? await value.executeThenClose { _, _ in } }
    }
}
