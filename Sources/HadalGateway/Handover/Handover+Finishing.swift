import Foundation
import HadalHTTP
import Logging
import ServiceLifecycle
import Subprocess

/// What the old server still does.
extension Handover {
    /// The first wait before another process is started in a killed one's place, and the longest.
    private static let backOff: (first: Duration, longest: Duration) = (.milliseconds(200), .seconds(30))

    /// How long connections on which nothing runs may stay, which clients keep for their next request.
    private static let keptTime: Duration = .seconds(3)

    private enum Event {
        case finished
        /// It was told to stop, and waits for this one.
        case stopping
        case ended(EndOfProcess.Outcome)
    }

    /// Returns when all answers that were begun here are complete, and connections are closed or idle; or the time for that is over.
    func finish(_ successor: Successor) async {
        let limit = Task {
            guard (try? await Task.sleep(for: configuration.handover)) != nil else { return }
            logger.error("answers that still run are ended", metadata: ["running": "\(gate.running)"])
            gate.stopAll()
            relayed.stopAll()
        }
        defer { limit.cancel() }
        await cancelWhenGracefulShutdown {
            var successor = successor
            while !Task.isCancelled {
                guard case .ended(let outcome) = await event(successor) else { return }
                if case .success(.exited(0)) = outcome {
                    // Nobody serves any more; what was begun here is finished within the grace, and recorded.
                    await openTrail()
                    return requests.release()
                }
                logger.error(
                    "the process that serves has ended; another one is started", metadata: ["end": "\(outcome)"])
                requests.hold()
                guard let next = await another() else {
                    runtime.takeBack()
                    return requests.release()
                }
                successor = next
            }
        }
    }

    private func event(_ successor: Successor) async -> Event {
        let (events, output) = AsyncStream<Event>.makeStream()
        let tasks: [Task<Void, Never>] = [
            Task {
                await finished()
                if !Task.isCancelled { _ = output.yield(.finished) }
            },
            Task { _ = output.yield(.ended(await successor.end.outcome())) },
            Task {
                if await successor.stops(meanwhile: { name, socket in await uses(socket, for: name) }) {
                    _ = output.yield(.stopping)
                }
            },
        ]
        defer { for task in tasks { task.cancel() } }
        for await event in events { return event }
        return .finished
    }

    /// Answers that have lost their worker go on with the one that the other server has started, if it has the same model.
    private func uses(_ socket: String, for name: String) async {
        guard let slot = slots.first(where: { $0.name == name }), slot.control.status.process?.isGivenAway == true,
            slot.control.socket.now != socket
        else { return }
        let client = WorkerClient(http: http, place: .socket(socket), model: slot.model.name)
        if let model = try? await client.describe() { slot.deployment.presence.learn(model) }
        slot.control.socket.now = socket
    }

    private func finished() async {
        await gate.empty()
        await relayed.empty()
        try? await withTimeLimit(Self.keptTime) { await listener.unused() }
        // What came on them meanwhile.
        await gate.empty()
        await relayed.empty()
    }

    /// Requests wait for it, in this process or in the port's queue.
    private func another() async -> Successor? {
        var wait = Self.backOff.first
        while !Task.isCancelled {
            do {
                let workers = slots.compactMap { slot -> Successor.Worker? in
                    // Nobody serves meanwhile: no version is waited for.
                    var version = version(of: slot)
                    version?.answers = false
                    if slot.control.status.state == .unloaded {
                        return slot.deployment.knownModel.map {
                            Successor.Worker(slot: slot, version: version, state: .unloaded($0))
                        }
                    }
                    guard let process = slot.control.status.process, let child = process.child, child.isRunning else {
                        return nil
                    }
                    return Successor.Worker(slot: slot, version: version, state: .running(process, child))
                }
                let successor = try Successor(configuration, runtime, listener, workers)
                do {
                    try await successor.isPrepared()
                    serves(successor, try await successor.takeOver(within: Self.takingLimit))
                    return successor
                } catch {
                    successor.kill()
                    _ = await successor.end.outcome()
                    throw error
                }
            } catch {
                logger.error(
                    "no other process serves yet; trying again in \(wait)", metadata: ["reason": "\(error)"])
                try? await Task.sleep(for: wait)
                wait = min(wait * 2, Self.backOff.longest)
            }
        }
        return nil
    }
}
