import HadalWire

/// An answer as a model gave it, before anything in it was changed, to be given again.
struct CachedAnswer: Sendable {
    /// As few as there can be: consecutive pieces of one part are one.
    let deltas: [GenerationDelta]
    let summary: GenerationSummary
    /// Bytes of memory.
    let size: Int

    fileprivate init(_ deltas: [GenerationDelta], _ summary: GenerationSummary) {
        self.deltas = deltas
        self.summary = summary
        size =
            MemoryLayout<CachedAnswer>.stride + deltas.reduce(0) { $0 + $1.size }
            + summary.warnings.reduce(MemorySize.of(summary.stop)) { $0 + MemorySize.of($1) }
    }

    /// Puts an answer together while it is given.
    struct Gathering: Sendable {
        private var deltas: [GenerationDelta] = []

        mutating func take(_ delta: GenerationDelta) {
            guard let last = deltas.last?.part, last == delta.part, delta.part.canBeJoined else {
                deltas.append(delta)
                return
            }
            deltas[deltas.count - 1].text += delta.text
            deltas[deltas.count - 1].tokens += delta.tokens
        }

        /// - Returns: nil where the answer was cut off, which another time it may not be.
        func answer(_ summary: GenerationSummary) -> CachedAnswer? {
            switch summary.finish {
            case .stop, .length, .toolCalls: CachedAnswer(deltas.map(\.compacted), summary)
            case .contentFilter, .cancelled: nil
            }
        }
    }
}

extension GenerationDelta.Part {
    /// What was no call brings the whole of it along, which belongs to that piece alone.
    fileprivate var canBeJoined: Bool {
        if case .broken = self { false } else { true }
    }

    fileprivate var text: String? {
        switch self {
        case .reasoning, .content: nil
        case .call(_, let name): name
        case .broken(_, let whole): whole
        }
    }
}

extension GenerationDelta {
    /// Without the room that texts and arrays get when they grow.
    fileprivate var compacted: GenerationDelta {
        GenerationDelta(
            part: part, text: String(decoding: Array(text.utf8), as: UTF8.self), tokens: tokens.map(\.self))
    }

    fileprivate var size: Int {
        MemoryLayout<GenerationDelta>.stride + MemorySize.of(text) + MemorySize.of(part.text)
            + tokens.reduce(MemorySize.block) { $0 + $1.size }
    }
}

extension GeneratedToken {
    fileprivate var size: Int {
        MemoryLayout<GeneratedToken>.stride + (chosen.map { MemorySize.block + $0.bytes.count } ?? 0)
            + (alternatives.isEmpty ? 0 : MemorySize.block)
            + alternatives.reduce(0) { sum, candidate in
                sum + MemoryLayout<Candidate>.stride + MemorySize.block + candidate.bytes.count
            }
    }
}

/// Bytes of what values have beside themselves.
private enum MemorySize {
    /// A heap object's head, and what allocators round up by and keep of it.
    static let block = 48

    /// - Parameter text: short ones lie within themselves, and are counted nevertheless.
    static func of(_ text: String?) -> Int { text.map { block + $0.utf8.count } ?? 0 }
}
