import HadalCompute

/// How the engine would be run.
public struct PlanSettings: Sendable, Hashable {
    public var cacheFormat: KVCacheShape.Format
    /// Answers computed at the same time at most; nil: 32 on a processor, as `hadal serve` has it, 256 on accelerators.
    public var batchMax: Int?
    /// Rows of a step.
    public var stepTokens: Int
    /// The fewest layers of a model whose layer for multi-token prediction is loaded.
    public var predictsFromLayers: Int
    /// The processor of the machine that one accelerator is in, for experts that do not fit there; nil: none is made use of.
    public var beside: Hardware?

    public init(
        cacheFormat: KVCacheShape.Format = .f16, batchMax: Int? = nil, stepTokens: Int = 512, predictsFromLayers: Int
    ) {
        self.cacheFormat = cacheFormat
        self.batchMax = batchMax
        self.stepTokens = stepTokens
        self.predictsFromLayers = predictsFromLayers
    }

    func batchMax(of kind: Hardware.Kind) -> Int { batchMax ?? (kind == .processor ? 32 : 256) }
}
