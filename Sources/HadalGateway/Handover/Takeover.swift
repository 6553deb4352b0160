import Foundation
import HadalAudit
import HadalHTTP
import HadalJSON
import HadalWire
import Logging
import ServiceLifecycle
import Synchronization

/// Tells the server before this one when this one serves, and where its workers are, as long as it finishes what it has.
struct Takeover: Service {
    let inheritance: Inheritance
    let models: [ModelWorkers.Slot]
    let versions: VersionWorkers
    let state: TakeoverState
    let relay: String
    let audit: AuditRecorder?
    let logger: Logger
    let onServing: @Sendable () -> Void

    /// How long models may take that run already, and how long those of others are waited for.
    private static let limits: (own: Duration, others: Duration) = (.seconds(30), .seconds(3))
    /// How long this server's workers go on for the one before it, which has had the grace to finish already.
    private static let leaveLimit: Duration = .seconds(10)
    private static let pause: Duration = .milliseconds(5)
    /// Between two looks at where the workers are.
    private static let interval: Duration = .milliseconds(100)

    /// - Throws: where the models that were taken over cannot be used.
    func run() async throws {
        let other = Task {
            for await _ in inheritance.channel.messages {}
            state.isLeftAlone()
        }
        try await cancelWhenGracefulShutdown {
            guard try await becomesReady() else { return }
            onServing()
            inheritance.ownWorkers()
            inheritance.accept(["state": "serving", "relay": .string(relay), "workers": taken])
            await inheritance.listener.resume()
            logger.notice("took over from process \(inheritance.offer.process)")
            await record()
            await tellOfWorkers()
        }
        try? await gracefulShutdown()
        let limit = Task {
            try await Task.sleep(for: Self.leaveLimit)
            other.cancel()
        }
        await other.value
        limit.cancel()
    }

    private func record() async {
        var record = AuditRecord(.system, outcome: "ok")
        record.action = "server.takeover"
        record.details = [
            "from_process": .int(Int64(inheritance.offer.process)), "process": .int(Int64(getpid())),
        ]
        // The trail has logged why, where it could not be recorded.
        _ = try? await audit?.append(record)
    }

    /// - Returns: false where it is told to stop first.
    private func becomesReady() async throws -> Bool {
        let start = ContinuousClock.now
        while !Task.isCancelled {
            let missing = models.filter { $0.deployment.knownModel == nil }
            let own = missing.filter(\.model.isStartedHere).map(\.name) + missingVersions
            let waits = !own.isEmpty || !missing.isEmpty && .now - start < Self.limits.others
            if state.isListening, state.isRelaying, !waits { return true }
            guard .now - start < Self.limits.own else {
                throw HandoverProblem("\(own.joined(separator: ", ")): not ready in time")
            }
            try? await Task.sleep(for: Self.pause)
        }
        return false
    }

    /// Of releases, that answer in the other server and cannot here yet.
    private var missingVersions: [String] {
        inheritance.offer.workers.compactMap(\.version)
            .filter { $0.answers && !versions.router.isTakenOver($0.name) }.map(\.name.description)
    }

    /// The processes that this server looks after from here on.
    private var taken: JSON {
        .array(
            inheritance.offer.workers.compactMap { worker -> JSON? in
                let workers = inheritance.workers
                let found = worker.version == nil ? workers.ofModels : workers.ofVersions
                guard case .running(let child, _)? = found[worker.name],
                    case .running(let process, _, _, _, _) = worker.state, child.process == process
                else { return nil }
                return ["name": .string(worker.name), "process": .int(Int64(process))]
            })
    }

    /// Answers that the other server finishes go on when a worker is replaced.
    private func tellOfWorkers() async {
        var told: [String: String] = [:]
        while !Task.isCancelled, !state.isAlone {
            for worker in models.filter(\.model.isStartedHere) + versions.slots {
                let socket = worker.control.socket.now
                guard worker.deployment.model != nil, told[worker.name] != socket else { continue }
                told[worker.name] = socket
                inheritance.channel.send(["worker": .string(worker.name), "socket": .string(socket)])
            }
            try? await Task.sleep(for: Self.interval)
        }
    }
}

/// What must be there before a server that takes another one's place says that it serves.
final class TakeoverState: Sendable {
    private let listening = Atomic(false)
    private let relaying = Atomic(false)
    private let alone = Atomic(false)

    var isListening: Bool { listening.load(ordering: .acquiring) }
    var isRelaying: Bool { relaying.load(ordering: .acquiring) }

    /// Whether the server before this one has ended.
    var isAlone: Bool { alone.load(ordering: .acquiring) }

    func listens() { listening.store(true, ordering: .releasing) }
    func isLeftAlone() { alone.store(true, ordering: .releasing) }
    @Sendable func relays() { relaying.store(true, ordering: .releasing) }
}
