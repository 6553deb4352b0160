import HadalCompute

/// What a machine, or one accelerator, can do at most.
public struct Hardware: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        case processor, accelerator
    }

    /// Operations/s of products, a multiplication and an addition being two.
    public struct Peaks: Sendable, Hashable {
        /// With weights of 16 bits. Processors compute these, and FP8, in float32 (`ComputeDevice.linear`).
        public var half: Double
        public var eightBitFloat: Double
        /// With weights in blocks of integers, and rows quantized to 8 bits.
        public var int8: Double

        public init(half: Double, eightBitFloat: Double, int8: Double) {
            self.half = half
            self.eightBitFloat = eightBitFloat
            self.int8 = int8
        }
    }

    public var name: String
    public var kind: Kind
    /// Bytes.
    public var memory: Int
    /// bytes/s that plain reading of memory gets.
    public var bandwidth: Double
    public var peaks: Peaks
    /// Of a processor: the kernels' own, whose shares of the limits differ.
    public var instructionSet: InstructionSet
    /// Where the figures are from.
    public var source: String
    /// What Hadal does not make use of yet.
    public var note: String?

    public init(
        name: String, kind: Kind, memory: Int, bandwidth: Double, peaks: Peaks,
        instructionSet: InstructionSet = .avx512, source: String, note: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.memory = memory
        self.bandwidth = bandwidth
        self.peaks = peaks
        self.instructionSet = instructionSet
        self.source = source
        self.note = note
    }

    /// This machine as it was measured.
    public init(_ probe: MachineProbe, memory: Int) {
        self.init(
            name: "this machine", kind: .processor, memory: memory, bandwidth: probe.readBandwidth,
            peaks: Peaks(half: probe.float32Peak, eightBitFloat: probe.float32Peak, int8: probe.int8Peak),
            instructionSet: probe.instructionSet,
            source: "measured, \(probe.threads) \(probe.threads == 1 ? "thread" : "threads")")
    }

    /// With figures that are known better.
    ///
    /// - Parameter int8: the peak with 8-bit integers; the others go with it.
    public func overridden(memory: Int?, bandwidth: Double?, int8: Double?) -> Hardware {
        guard memory != nil || bandwidth != nil || int8 != nil else { return self }
        var result = self
        result.memory = memory ?? self.memory
        result.bandwidth = bandwidth ?? self.bandwidth
        if let int8 {
            let ratio = int8 / peaks.int8
            result.peaks = Peaks(half: peaks.half * ratio, eightBitFloat: peaks.eightBitFloat * ratio, int8: int8)
        }
        result.source += ", with figures that were given"
        return result
    }

    /// A processor of which only this is known. A vector instruction does four times as many products of 8 bits as of
    /// float32.
    public static func given(memory: Int, bandwidth: Double, int8: Double) -> Hardware {
        Hardware(
            name: "the machine given", kind: .processor, memory: memory, bandwidth: bandwidth,
            peaks: Peaks(half: int8 / 4, eightBitFloat: int8 / 4, int8: int8), source: "given")
    }

    /// Bytes that may be used: the system and other programs need some, on accelerators the driver and the graphs.
    public var usableMemory: Int { Int(Double(memory) * Self.usableShare) }
    public static let usableShare = 0.9

    /// As many of them computing one model together.
    func joined(_ count: Int) -> Hardware {
        guard count > 1 else { return self }
        var result = self
        let gain = Double(count) * Efficiency.together
        result.memory = memory * count
        result.bandwidth = bandwidth * gain
        result.peaks = Peaks(
            half: peaks.half * gain, eightBitFloat: peaks.eightBitFloat * gain, int8: peaks.int8 * gain)
        return result
    }
}
