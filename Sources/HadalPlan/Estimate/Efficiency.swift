import HadalCompute

/// Which share of a limit is reached. Those of memory and products are Hadal's own, measured on processors with AVX-512 VNNI
/// and with AVX2 (`Benchmarks/RESULTS.md`); NEON and accelerators, where they were not or cannot be measured yet, are taken to
/// reach what AVX-512 does.
public struct Efficiency: Sendable, Hashable {
    /// Of the bandwidth, while weights are read for few rows.
    public var memory: Double
    /// Of the peak of products, with the rows of a prompt.
    public var prefill: Double
    /// The same with the rows of a batch that decodes.
    public var decode: Double
    /// How many times as fast products with weights of 4 bits are as with whole bytes.
    public var halves = 1.0

    static func reached(by set: InstructionSet, withExperts: Bool) -> Efficiency {
        if set == .avx2 { return withExperts ? avx2Experts : avx2Dense }
        return withExperts ? experts : dense
    }

    /// "The engine, 2026-11-29", R1-Distill-Qwen-1.5B: one sequence 87 % of reading (Q8_0) and 87 and 88 % (Q4_0);
    /// prompts 48 to 62 % of the int8 peak, 32 sequences 57 to 63 %.
    public static let dense = Efficiency(memory: 0.87, prefill: 0.57, decode: 0.57)

    /// The same section, V2-Lite in Q4_0: one sequence 61, 83 and 91 % of reading; prompts 50 % of the peak, attention
    /// included; 32 sequences, where each expert has few rows, 43 %.
    public static let experts = Efficiency(memory: 0.78, prefill: 0.57, decode: 0.46)

    /// "Plans and what this machine then did, 2026-11-30", R1-Distill-Qwen-1.5B in Q8_0 and Q4_K: prompts at 76 and 115 % of
    /// the peak, one sequence at 68 and 64 % of reading.
    static let avx2Dense = Efficiency(memory: 0.62, prefill: 0.75, decode: 0.75, halves: 1.55)

    /// **Inferred** from the dense model's and from how the two differ with AVX-512.
    static let avx2Experts = Efficiency(memory: 0.62, prefill: 0.75, decode: 0.6, halves: 1.55)

    /// Attention's share of the peak for 16 bits. **Inferred**: it was not measured alone, but with it prompts of
    /// V2-Lite, where attention is a good part of the work, are planned as fast as they were.
    public static let attention = 0.6

    /// Plain reading's share of the bandwidth in a data sheet. **Assumed**; this machine's is measured.
    public static let dataSheetBandwidth = 0.85

    /// What each of several accelerators brings that compute one model together. **Assumed**.
    public static let together = 0.8

    /// How busy a replica may be. Requests come when they like, and the queue grows without bound near 1.
    public static let utilization = 0.8
}
