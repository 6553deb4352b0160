/// What a card tells of itself. nil: this card or its driver does not tell it.
public struct GPUFigures: Sendable, Hashable {
    /// The part of the last moments (1/6 s to 1 s) in which a kernel ran, 0 to 1.
    public var use: Double?
    /// The part of them in which its memory was read or written, 0 to 1.
    public var memoryUse: Double?
    public var memory: GPUMemory?
    /// Degrees Celsius.
    public var temperature: Double?
    /// Watts.
    public var power: Double?
    /// Watts to which the driver holds it.
    public var powerLimit: Double?
    /// Hertz, of the multiprocessors.
    public var clock: Double?
    /// Hertz.
    public var memoryClock: Double?
    /// Why its clocks are lower than they could be; empty: they are not, or it has nothing to do.
    public var slowdowns: Set<Slowdown>?
    /// Bytes/s over PCIe that it received in the last 20 ms.
    public var receivedRate: Double?
    /// Bytes/s over PCIe that it sent in the last 20 ms.
    public var sentRate: Double?
    /// ECC errors since the driver was loaded, where the right bits could be told.
    public var correctedErrors: UInt64?
    /// Those where they could not.
    public var uncorrectedErrors: UInt64?

    public init() {}
}

/// Bytes.
public struct GPUMemory: Sendable, Hashable {
    public var used: UInt64
    public var free: UInt64
    public var total: UInt64

    public init(used: UInt64, free: UInt64, total: UInt64) { (self.used, self.free, self.total) = (used, free, total) }
}
