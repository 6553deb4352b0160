import Foundation
import Logging
import ServiceLifecycle

/// Takes messages to all channels; one that fails or is slow holds up no other. Messages that wait when the process
/// ends are lost: what still fires is told again after a while.
public final class AlertDelivery: Service {
    private let queues: [ChannelQueue]

    public init(_ routes: [AlertRoute], clock: AlertClock = .system, logger: Logger) {
        queues = routes.map { ChannelQueue($0, clock, logger) }
    }

    public var status: [ChannelStatus] { queues.map(\.status) }

    /// Does not wait.
    public func send(_ message: AlertMessage) { for queue in queues { queue.add(message) } }

    /// One try with one channel, for people who set it up.
    /// - Throws: `AlertError`: what it ended with, or that there is no such channel.
    public func test(_ name: String, _ message: AlertMessage) async throws(AlertError) {
        guard let queue = queues.first(where: { $0.status.name == name }) else {
            let names = status.map(\.name).joined(separator: ", ")
            throw .channel(AlertError.line(name), field: "name", problem: "is none of the channels: \(names)")
        }
        try await queue.attempt(message)
    }

    /// Until the service is shut down.
    public func run() async throws {
        await cancelWhenGracefulShutdown { [queues] in
            await withTaskGroup(of: Void.self) { group in
                for queue in queues { group.addTask { await queue.run() } }
            }
        }
    }
}
