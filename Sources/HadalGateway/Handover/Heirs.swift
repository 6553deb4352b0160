import Foundation
import HadalSecrets
import HadalWire
import Logging

/// The workers that a server begins with which takes another one's place: those that run with the arguments it would start
/// them with, and new ones for the other models and for versions of releases that were up.
struct Heirs {
    /// By name.
    struct Workers: Sendable {
        var ofModels: [String: WorkerControl.Inheritance] = [:]
        var ofVersions: [String: WorkerControl.Inheritance] = [:]

        var all: [(name: String, worker: WorkerControl.Inheritance)] {
            (Array(ofModels) + Array(ofVersions)).map { ($0.key, $0.value) }
        }
    }

    private struct Planned {
        let name: String
        let model: ServedModel
        let isVersion: Bool
        /// Of a new one: the supervisors count their own from 1.
        let socket: String
    }

    private let configuration: GatewayConfiguration
    private let offer: HandoverOffer

    init(_ configuration: GatewayConfiguration, _ offer: HandoverOffer) {
        self.configuration = configuration
        self.offer = offer
    }

    /// Returns when all of them are ready.
    func workers() async throws -> Workers {
        var workers = Workers()
        var wanted: Set<String> = []
        for planned in try planned() where planned.model.isStartedHere {
            let worker: WorkerControl.Inheritance
            if let offered = offered(planned.name, planned.model) {
                wanted.insert(planned.name)
                worker = inherit(offered)
            } else {
                worker = try await start(planned.name, planned.model, planned.socket)
            }
            if planned.isVersion {
                workers.ofVersions[planned.name] = worker
            } else {
                workers.ofModels[planned.name] = worker
            }
        }
        for worker in offer.workers where !wanted.contains(worker.name) { drop(worker) }
        return workers
    }

    /// All that is to be up.
    private func planned() throws -> [Planned] {
        let models = configuration.models.flatMap(\.workers).enumerated().map { index, worker in
            Planned(
                name: worker.name, model: worker.model, isVersion: false,
                socket: offer.runtime.socket(index, start: 0))
        }
        let versions = Dictionary(
            offer.workers.compactMap(\.version).map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        let offered = Set(offer.workers.map(\.name))
        let workers = try versions.values.flatMap { version in
            // Where nobody asks it, nobody waits for what was not ready: the releases start it.
            try ServedModel(version.name, version.content, configuration).workers
                .filter { version.answers || offered.contains($0.name) }
        }
        return models
            + workers.enumerated().map { index, worker in
                Planned(
                    name: worker.name, model: worker.model, isVersion: true,
                    socket: offer.runtime.socket(version: index, start: 0))
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
