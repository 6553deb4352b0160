/// Which share of a limit is reached. Those of memory and products are Hadal's own on a processor (`Benchmarks/RESULTS.md`);
/// where it does not run yet, accelerators are taken to reach the same.
public struct Efficiency: Sendable, Hashable {
    /// Of the bandwidth, while weights are read for few rows.
    public var memory: Double
    /// Of the peak of products, with many rows.
    public var products: Double

    /// "The engine, 2026-11-29", R1-Distill-Qwen-1.5B: one sequence 87 % of reading (Q8_0) and 87 and 88 % (Q4_0); 32 sequences 57
    /// to 63 % of the int8 peak, prompts 48 to 62 %.
    public static let dense = Efficiency(memory: 0.87, products: 0.57)

    /// The same section, V2-Lite in Q4_0: one sequence 61, 83 and 91 % of reading; prompts 50 % of the peak, 32 sequences, where each
    /// expert has few rows, 43 %.
    public static let experts = Efficiency(memory: 0.78, products: 0.46)

    /// Attention's share of the peak for 16 bits. **Assumed**: prompts of 512 tokens hardly show it, and longer ones were
    /// not measured.
    public static let attention = 0.3

    /// Plain reading's share of the bandwidth in a data sheet. **Assumed**; this machine's is measured.
    public static let dataSheetBandwidth = 0.85

    /// What each of several accelerators brings that compute one model together. **Assumed**.
    public static let together = 0.8

    /// How busy a replica may be. Requests come when they like, and the queue grows without bound near 1.
    public static let utilization = 0.8
}
