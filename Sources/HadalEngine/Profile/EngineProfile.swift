import HadalCompute
import HadalModels

/// Where an engine's time and memory went for a while.
public struct EngineProfile: Sendable {
    /// Of the engine's thread, which runs the steps. Its times sum to how long it was looked at.
    public var steps: StepProfile
    public var memory: Memory
    /// Processor time of the process's threads meanwhile, by their names; empty where the system does not tell.
    public var threads: [ThreadTimes.Entry] = []
    /// What the device is, for people.
    public var device: String
    /// Nil: it was not wanted, or there was no memory to measure it in.
    public var roofline: Roofline?

    /// Bytes, at the end.
    public struct Memory: Sendable, Hashable {
        /// As the device holds them, a draft model's included.
        public var weights = 0
        /// Of keys and values: in use by requests, kept for texts that begin alike, and as many as there can be.
        public var cacheUsed = 0
        public var cacheKept = 0
        public var cacheReserved = 0
        /// Buffers of the device, and what its operations keep for themselves.
        public var scratch = 0
        /// Of the whole process: resident now, at most so far, and of what is resident that which lies in mapped files.
        public var resident: Int?
        public var peak: Int?
        public var mapped: Int?

        public init() {}
    }

    /// Of a model that is computed with directly, without an engine.
    /// - Parameter cacheBytes: of its keys and values, all in use.
    package init(
        _ steps: StepProfile, of model: any LanguageModel, cacheBytes: Int, scratchBytes: Int, roofline: Roofline? = nil
    ) {
        self.steps = steps
        self.roofline = roofline
        device = model.device.summary
        memory = Memory()
        memory.weights = model.description.weightBytes
        (memory.cacheUsed, memory.cacheReserved) = (cacheBytes, cacheBytes)
        memory.scratch = scratchBytes
        let process = ProcessMemoryStatus.current
        (memory.resident, memory.peak, memory.mapped) = (process?.resident, process?.peak, process?.mapped)
    }
}

extension Engine {
    /// Looks at the engine for a while, during which it does as ever: what it computes and in which order is the same.
    ///
    /// - Parameters:
    ///   - probeBytes: memory in which the machine's limits may be measured, once for an engine, before it is looked at: two
    ///     seconds in which requests are slower. Nil: they are not.
    /// - Throws: `EngineError.profiled` or `draining`; `CancellationError`.
    public func profile(for time: Duration, probeBytes: Int?) async throws -> EngineProfile {
        guard profiles.claim() else { throw EngineError.profiled }
        defer { profiles.release() }
        var roofline: Roofline?
        if let probeBytes, model.device is CPUDevice {
            roofline = await profiles.roofline(threads: model.device.threads, bytes: probeBytes) { statistics.steps }
        }
        try Task.checkCancellation()
        try await startProfile()
        let before = ThreadTimes.now
        do { try await Task.sleep(for: time) } catch {
            _ = try? await stopProfile()
            throw error
        }
        var profile = try await stopProfile()
        profile.threads = ThreadTimes.now - before
        profile.roofline = roofline
        return profile
    }

    /// Begins between two steps.
    package func startProfile() async throws(EngineError) {
        guard await loop.wish(ProfileWish.start) != nil else { throw EngineError.draining }
    }

    /// Ends between two steps.
    package func stopProfile() async throws(EngineError) -> EngineProfile {
        guard let found = await loop.wish(ProfileWish.stop) else { throw EngineError.draining }
        let statistics = statistics
        var profile = EngineProfile(
            found.steps, of: model, cacheBytes: statistics.totalBlocks * statistics.blockBytes,
            scratchBytes: found.scratchBytes)
        profile.memory.weights = weightBytes
        profile.memory.cacheUsed = statistics.usedBlocks * statistics.blockBytes
        profile.memory.cacheKept = statistics.cachedBlocks * statistics.blockBytes
        return profile
    }
}
