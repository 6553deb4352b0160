import Foundation
import HadalAccess
import HadalHTTP
import HadalReleases
import HadalWire
import Logging
import ServiceLifecycle
import Subprocess
import UnixSignals

/// Hands this server over to a new process of its program when it is told to (SIGUSR2): the new one gets ready, takes the
/// port, the workers and the data directory, and this one finishes what it has begun, and ends. Where the new one cannot,
/// this one goes on.
struct Handover: Service {
    let configuration: GatewayConfiguration
    let runtime: RuntimeDirectory
    let listener: Listener
    let requests: RequestSwitch
    let batches: Pause
    let releases: Pause
    let audit: AuditRecorder?
    let limiter: Limiter
    let gate: RequestGate
    let models: [ModelWorkers.Slot]
    let versions: VersionWorkers
    let http: HTTPClients
    let file: ServerFile?
    let alerts: (any AlertKeeper)?
    /// Whether a server before this one still finishes what it has.
    let hasPredecessor: @Sendable () -> Bool
    /// Tells that server that this one is stopping.
    let stopPredecessor: @Sendable () -> Void
    /// Of requests that are passed on.
    let relayed = RequestGate(limit: .max)

    /// How long requests wait for others to be done with the data directory, and until that is tried again.
    static let settling: (limit: Duration, pause: Duration) = (.seconds(2), .seconds(1))
    /// How long the new process may take for what only one can have. Requests wait for it.
    static let takingLimit: Duration = .seconds(60)
    /// How often the trail is tried to be opened again.
    private static let openings = 60

    var logger: Logger { configuration.logger }

    /// All that is started here.
    var slots: [ModelWorkers.Slot] { models.filter(\.model.isStartedHere) + versions.slots }

    /// Returns when another process serves and this one has finished what it had, or it is told to stop.
    func run() async throws {
        defer {
            audit?.leaveAlone()
            stopPredecessor()
        }
        let signals = await UnixSignalsSequence(trapping: .sigusr2)
        for await _ in signals.cancelOnGracefulShutdown() {
            file?.begins()
            logger.notice("a new process is to take this server's place")
            do {
                let successor = try await cancelWhenGracefulShutdown { try await handOver() }
                await finish(successor)
                return
            } catch {
                logger.error("no other process takes this server's place; it goes on", metadata: ["reason": "\(error)"])
                file?.fails("\(error)")
            }
        }
    }

    // MARK: steps

    private func handOver() async throws -> Successor {
        guard getpid() != 1 else {
            throw HandoverProblem(
                "this process is the container's first one, with which the container ends; start it with an init "
                    + "(docker run --init), or replace the container")
        }
        guard !hasPredecessor() else {
            throw HandoverProblem("the server before this one still finishes its answers; try again later")
        }
        let workers = try workers()
        let successor = try Successor(configuration, runtime, listener, workers)
        do {
            try await successor.isPrepared()
            try await settle()
        } catch {
            successor.kill()
            requests.release()
            throw error
        }
        do {
            await give()
            try check(workers)
            serves(successor, try await successor.takeOver(within: Self.takingLimit))
            return successor
        } catch {
            successor.kill()
            // What it had open is free once it has ended.
            _ = await successor.end.outcome()
            await takeBack()
            throw error
        }
    }

    /// Those that run, each ready, and what is known of those that are unloaded.
    private func workers() throws -> [Successor.Worker] {
        try checkShares()
        return try slots.compactMap { slot -> Successor.Worker? in
            let version = version(of: slot)
            let status = slot.control.status
            switch status.state {
            case .unloaded:
                return slot.deployment.knownModel.map {
                    Successor.Worker(slot: slot, version: version, state: .unloaded($0))
                }
            case .ready:
                if let process = status.process, process.life.isReady, let child = process.child {
                    return Successor.Worker(slot: slot, version: version, state: .running(process, child))
                }
                fallthrough
            default:
                // Nobody misses it, and the other server's releases go on with it.
                if version?.answers == false { return nil }
                throw HandoverProblem(
                    "the worker \(slot.name) is not ready (\(status.state.rawValue)); try again when it is")
            }
        }
    }

    func version(of slot: ModelWorkers.Slot) -> HandoverOffer.Worker.Version? {
        slot.version.map { version in
            let shares = versions.router.traffic(of: version.alias)?.allocation.shares
            return HandoverOffer.Worker.Version(
                name: VersionName(version), content: version.content, answers: shares?[version.number] != nil)
        }
    }

    /// Returns when nothing here changes what lies in the data directory, and requests that come wait.
    private func settle() async throws {
        let deadline = ContinuousClock.now + configuration.handover
        while true {
            requests.hold()
            if await requests.isSettled(within: Self.settling.limit) { return }
            requests.release()
            guard .now < deadline else {
                throw HandoverProblem("uploads or acts of administration did not end; try again later")
            }
            try await Task.sleep(for: Self.settling.pause)
        }
    }

    private func give() async {
        await listener.pause()
        await batches.begin()
        await releases.begin()
        // What cannot be written now is written at the end.
        try? await limiter.flush()
        await audit?.giveUp()
    }

    private func check(_ workers: [Successor.Worker]) throws {
        for worker in workers {
            guard case .running(let process, let child) = worker.state else { continue }
            guard child.isRunning, process.life.reason == nil else {
                throw HandoverProblem("the worker \(worker.slot.name) has ended meanwhile; try again when it is ready")
            }
        }
        try checkShares()
        let offered = Set(workers.filter { $0.version?.answers ?? true }.map(\.slot.name))
        for slot in slots where !offered.contains(slot.name) && version(of: slot)?.answers == true {
            throw HandoverProblem("\(slot.name) gets requests since a moment ago; try again")
        }
    }

    /// Who asks for a release must not meet a server in which its versions load anew.
    private func checkShares() throws {
        for alias in versions.router.aliases {
            for number in versions.router.traffic(of: alias)?.allocation.shares.keys.sorted() ?? [] {
                let name = VersionName(alias, number)
                guard versions.worker(name)?.isWanted == true else {
                    throw HandoverProblem("the version \(name) is not up; try again when it is")
                }
            }
        }
    }

    private func takeBack() async {
        await openTrail()
        batches.end()
        releases.end()
        await listener.resume()
        requests.release()
    }

    /// Records wait until that is done, also where this server is told to stop.
    func openTrail() async {
        guard let audit, !audit.isWriter else { return }
        await Task {
            for _ in 0..<Self.openings {
                do { return try audit.takeBack() } catch {
                    logger.error(
                        "the audit trail cannot be opened again; trying again", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: .seconds(1))
                }
            }
            // Each record tries it for itself from here on, and fails where it cannot.
            audit.leaveAlone()
        }.value
    }

    func serves(_ successor: Successor, _ answer: (relay: String, workers: [String: Int32])) {
        let relay = RequestRelay(http: http, socket: answer.relay, gate: relayed)
        runtime.giveAway()
        versions.leaveInherited()
        for slot in slots {
            guard let process = slot.control.status.process, answer.workers[slot.name] == process.life.process else {
                continue
            }
            process.giveAway()
        }
        listener.retire()
        audit?.send(to: relay)
        requests.relay(to: relay)
        configuration.backup?.giveAway()
        alerts?.giveAway()
        ServiceManager.tell("MAINPID=\(successor.process)")
        logger.notice("process \(successor.process) serves now; this one finishes what it has begun")
    }
}
