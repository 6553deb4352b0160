import Foundation
import HadalSecrets
import HadalWire
import Logging
import ServiceLifecycle
import Subprocess
import Synchronization

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Starts the worker of one model, watches it, and starts it anew when it ends.
struct WorkerSupervisor: Service {
    let model: ServedModel
    let deployment: Deployment
    let socket: String
    let configuration: GatewayConfiguration
    /// Called each time the worker has become ready.
    let onReady: @Sendable () -> Void

    /// The first wait before a worker is started anew, and the longest; each start that fails doubles it.
    static let backOff: (first: Duration, longest: Duration) = (.milliseconds(200), .seconds(30))
    /// A worker that was ready for so long had no trouble starting.
    private static let stable: Duration = .seconds(60)

    private var logger: Logger {
        var logger = configuration.logger
        logger[metadataKey: "model"] = "\(model.name)"
        return logger
    }

    /// - Throws: `GatewayError` where the worker cannot be started the first time: then the model or the command is wrong,
    ///   and starting again would not help.
    func run() async throws {
        try await cancelWhenGracefulShutdown {
            var wasReady = false
            var wait = Self.backOff.first
            while !Task.isCancelled {
                let readyAt = Mutex<ContinuousClock.Instant?>(nil)
                let status: TerminationStatus
                do {
                    status = try await runOnce { readyAt.withLock { $0 = .now } }
                } catch {
                    if Task.isCancelled { return }
                    throw error
                }
                deployment.model = nil
                if Task.isCancelled { return }
                let ready = readyAt.withLock { $0 }
                wasReady = wasReady || ready != nil
                guard wasReady else { throw GatewayError.workerFailed(model: model.name, status: status) }
                if let ready, .now - ready > Self.stable { wait = Self.backOff.first }
                logger.error(
                    "the worker ended and is started anew", metadata: ["status": "\(status)", "in": "\(wait)"])
                try? await Task.sleep(for: wait)
                wait = min(wait * 2, Self.backOff.longest)
            }
        }
    }

    /// Runs one worker process to its end. It gets the keys on its standard input, where nobody else can read them.
    private func runOnce(_ ready: @escaping @Sendable () -> Void) async throws -> TerminationStatus {
        var platform = PlatformOptions()
        // Ctrl-C in the terminal is for the gateway, which drains before it ends its workers.
        platform.processGroupID = 0
        platform.teardownSequence = [
            .send(signal: .terminate, allowedDurationToNextStep: .seconds(10))
        ]
        let keys = try configuration.encryption.map { encryption in
            try WorkerKeys(encryption.keys, sealsPrefixes: encryption.purposes.contains(.conversations))
        }
        let arguments =
            ["worker", model.reference, "--socket", socket, "--supervised"]
            + (keys == nil ? [] : ["--keys-on-stdin"]) + model.workerArguments
        let result = try await Subprocess.run(
            .path(FilePath(configuration.workerExecutable)), arguments: Arguments(arguments),
            platformOptions: platform, input: .inputWriter, output: .sequence, error: .currentStandardError
        ) { execution in
            if let keys {
                // A worker that is gone already is told by the end of its output, and must not end the gateway.
                signal(SIGPIPE, SIG_IGN)
                _ = try? await execution.standardInputWriter.write(keys.line)
            }
            // From here on standard input stays open and silent: its end tells the worker that the gateway is gone.
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await Task.sleep(for: configuration.workerStartLimit)
                    guard deployment.model != nil else {
                        throw GatewayError.workerTooSlow(model: model.name, limit: configuration.workerStartLimit)
                    }
                }
                group.addTask {
                    // Read to the end, so that the worker never waits for a reader.
                    for try await line in execution.standardOutput.strings() where line == "ready" {
                        deployment.model = try await deployment.client.describe()
                        logger.info("worker ready", metadata: ["pid": "\(execution.processIdentifier)"])
                        ready()
                        onReady()
                    }
                    deployment.model = nil
                    throw EndOfOutput()
                }
                group.addTask { try await deployment.learnDigest() }
                do { while try await group.next() != nil {} } catch is EndOfOutput { group.cancelAll() }
            }
        }
        return result.terminationStatus
    }
}

private struct EndOfOutput: Error {}
