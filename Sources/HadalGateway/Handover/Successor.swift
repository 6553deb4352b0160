import Foundation
import HadalHTTP
import HadalJSON
import HadalWire
import Subprocess

/// The process that is to take this server's place.
final class Successor: Sendable {
    /// One that is offered to it.
    struct Worker: Sendable {
        enum State: Sendable {
            case running(WorkerProcess, WorkerChild)
            case unloaded(WorkerModel)
        }

        let slot: ModelWorkers.Slot
        /// nil: it is one of the configuration's models.
        let version: HandoverOffer.Worker.Version?
        let state: State
    }

    let process: Int32
    let end: EndOfProcess
    private let channel: HandoverChannel

    /// Starts it: the program as it lies at its path now, with this process's arguments.
    /// - Throws: `HandoverProblem`, `POSIXError`.
    init(
        _ configuration: GatewayConfiguration, _ runtime: RuntimeDirectory, _ listener: Listener,
        _ workers: [Worker]
    ) throws {
        guard let path = Program.path else { throw HandoverProblem("this system does not say where the program is") }
        let (own, others) = try Descriptor.socketPair()
        defer { close(others) }
        let channel = HandoverChannel(own)
        self.channel = channel
        var descriptors = [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, others, listener.descriptor]
        let offered = try workers.map { worker in
            let state: HandoverOffer.Worker.State
            switch worker.state {
            case .unloaded(let model): state = .unloaded(model)
            case .running(let process, let child):
                guard let handle = child.handle else {
                    throw HandoverProblem("this system cannot hand over processes: Linux can from 5.3 on")
                }
                let first = Int32(descriptors.count)
                descriptors += [child.input, child.errors, handle]
                state = .running(
                    process: child.process, socket: process.socket, input: first, errors: first + 1, handle: first + 2)
            }
            return HandoverOffer.Worker(
                name: worker.slot.name, arguments: WorkerCommand.arguments(of: worker.slot.model),
                version: worker.version, state: state)
        }
        var environment = ProcessInfo.processInfo.environment
        environment[Inheritance.variable] = "1"
        process = try Spawn.start(
            path, Array(CommandLine.arguments.dropFirst()), descriptors: descriptors, environment: environment,
            isGroup: false)
        end = EndOfProcess(ofChild: process)
        channel.send(
            HandoverOffer(
                listen: configuration.listen.description, data: configuration.dataDirectory, runtime: runtime,
                process: getpid(), workers: offered
            ).json)
    }

    /// Returns when it could serve.
    /// - Throws: `HandoverProblem`: why it cannot.
    func isPrepared() async throws { _ = try await message("prepared") }

    /// All is its, and this server touches nothing any more.
    /// - Returns: the socket for what still comes here, and the processes of workers that it looks after, by name.
    /// - Throws: `HandoverProblem`: why it does not serve.
    func takeOver(within limit: Duration) async throws -> (relay: String, workers: [String: Int32]) {
        channel.send(["state": "yours"])
        let timer = Task {
            if (try? await Task.sleep(for: limit)) != nil { kill() }
        }
        defer { timer.cancel() }
        let message = try await message("serving")
        guard let relay = message["relay"]?.string else { throw HandoverProblem("it does not say where it is reached") }
        var workers: [String: Int32] = [:]
        for worker in message["workers"]?.array ?? [] {
            guard let name = worker["name"]?.string else { continue }
            workers[name] = worker["process"]?.int.flatMap { Int32(exactly: $0) }
        }
        return (relay, workers)
    }

    private func message(_ state: String) async throws -> JSON {
        for await message in channel.messages {
            switch message["state"]?.string {
            case state: return message
            case "failed": throw HandoverProblem(message["reason"]?.string ?? "it does not say why")
            default: continue
            }
        }
        try Task.checkCancellation()
        let outcome =
            switch await end.outcome() {
            case .success(let status): "\(status)"
            case .failure(let error): "\(error)"
            }
        throw HandoverProblem("the new process ended before it served (\(outcome)); its messages say why")
    }

    /// - Parameter take: called with each worker's socket as it changes.
    /// - Returns: true when it says that it is stopping, false where it ends without that.
    func stops(meanwhile take: (_ name: String, _ socket: String) async -> Void) async -> Bool {
        for await message in channel.messages {
            if message["state"] == "stopping" { return true }
            if let name = message["worker"]?.string, let socket = message["socket"]?.string { await take(name, socket) }
        }
        return false
    }

    func kill() { end.unlessOver { _ = Foundation.kill(process, SIGKILL) } }
}
