/// What NVIDIA's driver tells of this machine.
public struct GPUReport: Sendable, Hashable {
    /// `550.54.15`
    public var driver: String?
    /// The latest CUDA that the driver can run, `12.4`.
    public var cuda: String?
    public var cards: [GPUCard] = []
    /// Why nothing is known, or nothing new.
    public var problem: NVMLError?

    public init(problem: NVMLError? = nil) { self.problem = problem }
}

/// A card, as it is to those who choose one.
public struct GPUCard: Sendable, Hashable {
    /// As the driver counts, from 0, in the order of the PCI bus.
    public var index: Int
    /// `GPU-…`; empty where it was never told.
    public var uuid: String
    public var name: String
    /// `00000000:41:00.0`
    public var bus: String?
    /// Why it has no figures.
    public var problem: NVMLError?
    public var figures = GPUFigures()
    /// Whether it is divided into slices (MIG); nil: it cannot be.
    public var isSliced: Bool?
    /// The same after a reset of the card.
    public var willBeSliced: Bool?
    public var slices: [GPUSlice] = []

    public init(index: Int, uuid: String, name: String) { (self.index, self.uuid, self.name) = (index, uuid, name) }
}

/// A part of a card with memory and multiprocessors of its own (MIG). Use, power and clocks are known only of the card.
public struct GPUSlice: Sendable, Hashable {
    /// Among the slices that the card can have.
    public var index: Int
    /// `MIG-…`, by which CUDA programs choose it.
    public var uuid: String
    public var name: String
    public var memory: GPUMemory?

    public init(index: Int, uuid: String, name: String, memory: GPUMemory? = nil) {
        (self.index, self.uuid, self.name, self.memory) = (index, uuid, name, memory)
    }
}
