import Foundation
import Logging
import Synchronization

/// The messages for one channel: tried one after the other, again where that may help, and given up at last.
final class ChannelQueue: Sendable {
    /// Of messages that wait; the oldest is given up for a new one.
    static let waitingMax = 100

    private let channel: any AlertChannel
    private let policy: RetryPolicy
    private let clock: AlertClock
    private let logger: Logger
    private let held: Mutex<ChannelStatus>
    private let messages: AsyncStream<AlertMessage>
    private let input: AsyncStream<AlertMessage>.Continuation

    init(_ route: AlertRoute, _ clock: AlertClock, _ logger: Logger) {
        (channel, policy, self.clock, self.logger) = (route.channel, route.policy, clock, logger)
        held = Mutex(ChannelStatus(name: route.name, kind: route.channel.kind, from: route.from))
        (messages, input) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.waitingMax))
    }

    var status: ChannelStatus { held.withLock { $0 } }

    func add(_ all: AlertMessage) {
        guard let message = all.from(status.from) else { return }
        held.withLock { status in
            switch input.yield(message) {
            case .enqueued: status.waiting += 1
            default: status.lost += 1
            }
        }
    }

    /// Until it is cancelled.
    func run() async {
        for await message in messages {
            held.withLock { $0.waiting -= 1 }
            await deliver(message)
        }
    }

    /// - Throws: what one try ends with.
    func attempt(_ message: AlertMessage) async throws(AlertError) {
        let channel = channel
        do {
            try await within(policy.limit) { try await channel.send(message) }
            held.withLock { status in
                status.delivered += 1
                (status.lastDelivery, status.isFailing) = (clock.now(), false)
            }
        } catch {
            let error = error as? AlertError ?? .delivery(problem: "\(error)", isFinal: false)
            held.withLock { status in
                (status.lastError, status.lastErrorTime, status.isFailing) = (error.description, clock.now(), true)
            }
            throw error
        }
    }

    private func deliver(_ message: AlertMessage) async {
        for failures in 1...max(1, policy.attempts) {
            do throws(AlertError) { return try await attempt(message) } catch {
                if Task.isCancelled { break }
                let metadata: Logger.Metadata = ["channel": "\(status.name)", "alert": "\(message.title)"]
                guard !error.isFinal, failures < policy.attempts else {
                    logger.error("an alert is not told: \(error)", metadata: metadata)
                    break
                }
                logger.warning("an alert could not be told yet: \(error)", metadata: metadata)
                do { try await clock.sleep(policy.wait(after: failures)) } catch { break }
            }
        }
        held.withLock { $0.lost += 1 }
    }
}
