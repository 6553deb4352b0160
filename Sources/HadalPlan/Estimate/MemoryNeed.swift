import HadalModels

/// What one replica keeps in memory, in bytes.
public struct MemoryNeed: Sendable, Hashable {
    /// Loaded; on a processor without the table, which is looked up where its file is mapped.
    public var weights: Int
    /// Keys and values of the answers that are computed at the same time, their conversations as long as they may be.
    public var cache: Int
    /// Scratch for a step.
    public var activations: Int
    /// The program itself, its tokenizer and sockets.
    public var program: Int
    /// Experts in the machine's memory, beside an accelerator whose memory the rest is in; 0 without one.
    public var beside = 0

    /// Of the one memory, or the accelerator's.
    public var total: Int { weights + cache + activations + program }

    /// Measured on 2026-11-29, the peak of `hadal generate` beyond the rest: 80 MB with the vocabulary of
    /// R1-Distill-Qwen-1.5B, 45 MB with guide's; a server's sockets come beside it.
    public static let programBytes = 100_000_000
}

extension ModelShape {
    /// Numbers in the buffers of a step with so many rows, as the models of `HadalModels` allocate them.
    func scratchNumbers(rows: Int, drawn: Int) -> Int {
        var width = 2 * hidden
        switch attention {
        case .grouped(let heads, let keyValueHeads, let headWidth, _, _):
            width += (2 * heads + 2 * keyValueHeads) * headWidth
        case .latent(let c):
            width += (c.queryRank ?? 0) + c.heads * (c.nope + c.rope) + c.heads * (c.rank + c.rope) + c.rank + c.rope
            width += c.heads * (c.rank + c.value)
        case .compressed(let c):
            width += 2 * c.streams * hidden + c.queryRank + 2 * c.heads * c.headWidth + c.outputGroups * c.outputRank
        }
        if let experts {
            // Dense layers, shared experts, the router's scores; rows gathered by expert with what is made of them.
            width += 3 * (experts.firstLayer > 0 ? intermediate : 0) + 3 * experts.sharedWidth + experts.count
            width += experts.perToken * (2 * hidden + 3 * experts.width)
        } else {
            width += 3 * intermediate
        }
        return rows * width + drawn * (vocabulary + hidden)
    }
}
