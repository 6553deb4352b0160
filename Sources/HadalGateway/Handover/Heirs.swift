import Foundation
import HadalSecrets
import HadalWire
import Logging

/// The workers that a server begins with which takes another one's place: those that run with the arguments it would start
/// them with, and new ones for the other models and for versions of releases that were up.
struct Heirs {
    private let configuration: GatewayConfiguration
    private let offer: HandoverOffer

    init(_ configuration: GatewayConfiguration, _ offer: HandoverOffer) {
        self.configuration = configuration
        self.offer = offer
    }

    /// Returns when all of them are ready.
    func workers() async throws -> [String: WorkerControl.Inheritance] {
        var workers: [String: WorkerControl.Inheritance] = [:]
        var wanted: Set<String> = []
        for planned in try planned() where planned.model.isStartedHere {
            if let worker = offered(planned.name, planned.model) {
                wanted.insert(planned.name)
                workers[planned.name] = inherit(worker)
            } else {
                workers[planned.name] = try await start(planned.name, planned.model, planned.socket)
            }
        }
        for worker in offer.workers where !wanted.contains(worker.name) { drop(worker) }
        return workers
    }

    /// All that is to be up, with the socket of a new one: the supervisors count their own from 1.
    private func planned() throws -> [(name: String, model: ServedModel, socket: String)] {
        let models = configuration.models.flatMap(\.workers).enumerated().map { index, planned in
            (planned.name, planned.model, offer.runtime.socket(index, start: 0))
        }
        let contents = Dictionary(
            offer.workers.compactMap(\.version).map { ($0.name, $0.content) }, uniquingKeysWith: { $1 })
        let versions = try contents.flatMap { try ServedModel($0, $1, configuration).workers }
        return models
            + versions.enumerated().map { index, planned in
                (planned.name, planned.model, offer.runtime.socket(version: index, start: 0))
            }
    }

    private func offered(_ name: String, _ model: ServedModel) -> HandoverOffer.Worker? {
        offer.workers.first { worker in
            guard worker.name == name, worker.arguments == WorkerCommand.arguments(of: model) else {
                return false
            }
            // What nobody unloads any more is loaded at the start.
            if case .unloaded = worker.state { return model.idleUnload != nil }
            return true
        }
    }

    private func inherit(_ worker: HandoverOffer.Worker) -> WorkerControl.Inheritance {
        switch worker.state {
        case .unloaded(let model): return .unloaded(model)
        case .running(let process, let socket, let input, let errors, let handle):
            for descriptor in [input, errors, handle] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
            return .running(
                WorkerChild(inherited: process, input: input, errors: errors, handle: handle), socket: socket)
        }
    }

    private func drop(_ worker: HandoverOffer.Worker) {
        guard case .running(_, _, let input, let errors, let handle) = worker.state else { return }
        for descriptor in [input, errors, handle] { close(descriptor) }
    }

    private func start(_ name: String, _ model: ServedModel, _ socket: String) async throws -> WorkerControl.Inheritance
    {
        let command = try WorkerCommand(model, socket: socket, configuration)
        configuration.logger.notice(
            "the model's worker cannot be taken over: it was started with other arguments, or is new; another one is started",
            metadata: ["worker": "\(name)"])
        let child = try WorkerChild(command.executable, command.arguments)
        if let keys = command.keys { try? child.write(Array(keys.line.utf8)) }
        let (output, errors) = (PipeReader(child.output), PipeReader(child.errors))
        let passing = Task {
            for await bytes in errors.parts { try? FileHandle.standardError.write(contentsOf: bytes) }
        }
        let isReady = try? await withTimeLimit(command.startLimit) { await output.lines.contains(Array("ready".utf8)) }
        guard isReady == true else {
            child.send(SIGKILL)
            throw HandoverProblem("the worker \(name) did not become ready; its messages say why")
        }
        output.stop()
        errors.stop()
        await passing.value
        return .running(child, socket: socket)
    }
}
