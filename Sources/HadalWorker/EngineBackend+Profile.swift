import HadalCompute
import HadalEngine
import HadalWire

extension EngineBackend {
    public func profile(_ request: ProfileRequest) async throws(WorkerFailure) -> WorkerProfile {
        do {
            return WorkerProfile(
                try await host.engine.profile(for: .seconds(request.seconds), probeBytes: request.probeBytes))
        } catch is CancellationError {
            throw WorkerFailure(.cancelled, "nobody waits for the profile any more, or the worker is stopping")
        } catch {
            throw WorkerFailure(engine: error)
        }
    }
}

extension WorkerProfile {
    public init(_ profile: EngineProfile) {
        self.init(device: profile.device)
        phases = profile.steps.phases.map(Phase.init)
        memory = Memory(profile.memory)
        threads = profile.threads.map {
            Threads(name: $0.name, threads: $0.threads, processorSeconds: $0.seconds)
        }
        roofline = profile.roofline.map {
            Roofline(
                readBytesPerSecond: $0.readBandwidth, int8OperationsPerSecond: $0.int8Peak,
                float32OperationsPerSecond: $0.float32Peak, wasBusy: $0.wasBusy)
        }
    }
}

extension WorkerProfile.Phase {
    fileprivate init(_ counted: StepProfile.Phase) {
        self.init(name: counted.phase.name)
        seconds = Double(counted.nanoseconds) / 1e9
        (steps, promptRows, answerRows) = (counted.steps, counted.promptRows, counted.answerRows)
        operations = StepOperation.allCases.compactMap { kind in
            guard let count = counted.operations[kind] else { return nil }
            var operation = WorkerProfile.Operation(name: kind.name, part: kind.part)
            (operation.calls, operation.seconds) = (count.calls, Double(count.nanoseconds) / 1e9)
            operation.bytes = count.bytes
            operation.integerOperations = count.integerOperations
            operation.floatOperations = count.floatOperations
            return operation
        }
    }
}

extension WorkerProfile.Memory {
    fileprivate init(_ memory: EngineProfile.Memory) {
        self.init()
        weights = memory.weights
        (cacheUsed, cacheKept, cacheReserved) = (memory.cacheUsed, memory.cacheKept, memory.cacheReserved)
        scratch = memory.scratch
        (resident, peak, mapped) = (memory.resident, memory.peak, memory.mapped)
    }
}
