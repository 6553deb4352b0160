import Foundation
import HadalSecrets
import HadalWire

extension WorkerProcess {
    /// How long one that is told to end by the end of this process may take.
    private static let endLimit: Duration = .seconds(10)

    /// Starts the process, unless it runs already, and watches it to its end. Where the task is cancelled, the process is told
    /// to end.
    /// - Parameters:
    ///   - tell: told what happens to it, but not its end.
    ///   - onLoading: told how much of the model is loaded, from 0 to 1.
    /// - Returns: how it ended; nil where another gateway looks after it from here on.
    /// - Throws: what the system says where it cannot be started.
    func run(
        _ tell: @escaping @Sendable (SupervisionEvent) -> Void, onLoading: @escaping @Sendable (Double) -> Void
    ) async throws -> EndOfProcess.Outcome? {
        let child = try start()
        begins(as: child)
        let output = child.output < 0 ? nil : PipeReader(child.output)
        let errors = PipeReader(child.errors)
        let streams = [
            Task { if let output { await self.follow(output, tell, onLoading) } },
            Task { await self.passOn(errors) },
        ]
        var outcome = await withTaskGroup(of: EndOfProcess.Outcome?.self) { group in
            for watch in watches(tell) {
                group.addTask {
                    await watch()
                    return nil
                }
            }
            group.addTask { await child.end.outcomeUnlessCancelled() }
            // A watch that ends has seen nothing: what counts is the process's end, or that it is another's.
            while let outcome = await group.next() {
                guard outcome != nil || isGivenAway else { continue }
                group.cancelAll()
                return outcome
            }
            return nil
        }
        if outcome == nil {
            // This gateway ends before it has taken the other one's place.
            if child.isBorrowed { giveAway() }
            if !isGivenAway {
                child.terminate(within: Self.endLimit)
                outcome = await child.end.outcome()
            }
        }
        // What it has written before it ended is still read.
        if !isGivenAway { for stream in streams { await stream.value } }
        output?.stop()
        errors.stop()
        // It may have been given away just as it ended: then its end is the other gateway's to see to.
        guard !isGivenAway else { return nil }
        isOver()
        return outcome
    }

    private func start() throws -> WorkerChild {
        if let inherited { return inherited }
        let child = try WorkerChild(command.executable, command.arguments)
        // From here on standard input stays open and silent: its end tells the worker that the gateway is gone. One that is
        // gone already is told by its end.
        if let keys = command.keys { try? child.write(Array(keys.line.utf8)) }
        return child
    }

    private func watches(_ tell: @escaping @Sendable (SupervisionEvent) -> Void) -> [@Sendable () async -> Void] {
        [
            { await self.watchStart() }, { await self.watchMemory(tell) }, { await self.watchDigest(tell) },
            { await self.watchAnswers() },
            // One that runs already has said so to another gateway.
            { if self.inherited != nil { await self.becomesReady(tell) } },
            { for await _ in self.givenAway {} },
        ]
    }

    /// Reads what it tells of itself to the end, so that it never waits for a reader.
    private func follow(
        _ output: PipeReader, _ tell: @Sendable (SupervisionEvent) -> Void,
        _ onLoading: @Sendable (Double) -> Void
    ) async {
        for await bytes in output.lines {
            let line = String(decoding: bytes, as: UTF8.self)
            if line == "ready" {
                await becomesReady(tell)
            } else if line.hasPrefix("loaded "), let percent = Double(line.dropFirst(7)), percent.isFinite {
                let fraction = min(max(percent / 100, 0), 1)
                change { $0.loaded = fraction }
                onLoading(fraction)
            }
        }
    }

    private func becomesReady(_ tell: @Sendable (SupervisionEvent) -> Void) async {
        // Where it cannot say what it serves, it is not ready, and the limit for its start ends it.
        guard let model = try? await client.describe() else { return }
        let memory = ProcessMemory(of: life.process)
        if let memory, let limit = memoryLimit, memory.resident - limit > limit / 10 {
            return kill(.fault(.memoryLimit))
        }
        change {
            $0.isReady = true
            if inherited == nil { $0.loadSeconds = $0.uptime / .seconds(1) }
            $0.loaded = 1
            $0.memory = memory ?? $0.memory
        }
        tell(.ready(self, model))
    }

    /// What it writes to standard error goes to ours as it is, and the last of it is kept.
    private func passOn(_ errors: PipeReader) async {
        for await bytes in errors.parts {
            try? FileHandle.standardError.write(contentsOf: bytes)
            change { $0.errors.feed(bytes) }
        }
    }
}
