import Foundation
import HadalSecrets
import HadalWire
import Subprocess

extension WorkerProcess {
    /// Starts the process and watches it to its end. Where the task is cancelled, the process is told to end.
    /// - Parameters:
    ///   - tell: told what happens to it, but not its end.
    ///   - onLoading: told how much of the model is loaded, from 0 to 1.
    /// - Throws: what the system says where it cannot be started.
    func run(
        _ tell: @escaping @Sendable (SupervisionEvent) -> Void, onLoading: @escaping @Sendable (Double) -> Void
    ) async throws -> TerminationStatus {
        defer { isOver() }
        return try await Subprocess.run(
            .path(command.path), arguments: Arguments(command.arguments), platformOptions: command.platform,
            input: .inputWriter, output: .sequence, error: .sequence
        ) { execution in
            defer { isOver() }
            begins(as: execution.processIdentifier.value) { try? execution.send(signal: $0) }
            if let keys = command.keys {
                // A worker that is gone already is told by the end of its output, and must not end the gateway.
                signal(SIGPIPE, SIG_IGN)
                _ = try? await execution.standardInputWriter.write(keys.line)
            }
            // From here on standard input stays open and silent: its end tells the worker that the gateway is gone.
            // Where this task is cancelled, what the worker writes until it has ended is still read.
            let streams = [
                Task { await self.follow(execution.standardOutput, tell, onLoading) },
                Task { await self.passOn(execution.standardError) },
            ]
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.watchStart() }
                group.addTask { await self.watchMemory(tell) }
                group.addTask { await self.watchDigest(tell) }
                group.addTask { await self.watchAnswers() }
                for stream in streams { await stream.value }
                group.cancelAll()
            }
        }.terminationStatus
    }

    /// Reads what it tells of itself to the end, so that it never waits for a reader.
    private func follow(
        _ output: SubprocessOutputSequence, _ tell: @Sendable (SupervisionEvent) -> Void,
        _ onLoading: @Sendable (Double) -> Void
    ) async {
        do {
            for try await line in output.strings() {
                let line = line.trimmingCharacters(in: .newlines)
                if line == "ready" {
                    await becomesReady(tell)
                } else if line.hasPrefix("loaded "), let percent = Double(line.dropFirst(7)), percent.isFinite {
                    let fraction = min(max(percent / 100, 0), 1)
                    change { $0.loaded = fraction }
                    onLoading(fraction)
                }
            }
        } catch {
            // That there is no more to read is all that matters.
        }
    }

    private func becomesReady(_ tell: @Sendable (SupervisionEvent) -> Void) async {
        // Where it cannot say what it serves, it is not ready, and the limit for its start ends it.
        guard let model = try? await client.describe() else { return }
        let memory = ProcessMemory(of: life.process)
        if let memory, let limit = command.memoryLimit, memory.resident - limit > limit / 10 {
            return kill(.fault(.memoryLimit))
        }
        change {
            $0.isReady = true
            $0.loaded = 1
            $0.memory = memory ?? $0.memory
        }
        tell(.ready(self, model))
    }

    /// What it writes to standard error goes to ours as it is, and the last of it is kept.
    private func passOn(_ errors: SubprocessOutputSequence) async {
        do {
            for try await part in errors {
                let bytes = part.withUnsafeBytes { Array($0) }
                try? FileHandle.standardError.write(contentsOf: bytes)
                change { $0.errors.feed(bytes) }
            }
        } catch {
            // As above.
        }
    }
}
