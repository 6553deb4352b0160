import HadalGrammar
import HadalTokenization
import Synchronization

/// Makes constraints for one model, and keeps the last ones: clients send the same schema with every request.
public final class ConstraintCompiler: Sendable {
    /// Kept; each may take some megabytes.
    static let keptMax = 32

    private struct Entry {
        var constraint: Constraint
        var lastUse: Int
    }

    private struct Wanted: Hashable {
        var source: GrammarSource
        var shown: Set<Int32>
    }

    private struct Kept {
        /// By the control tokens that are text in them.
        var vocabularies: [Set<Int32>: Vocabulary] = [:]
        var entries: [Wanted: Entry] = [:]
        var uses = 0
    }

    private let tokenizer: any Tokenizer
    private let limits: GrammarLimits
    private let kept = Mutex(Kept())

    public init(_ tokenizer: any Tokenizer, limits: GrammarLimits = GrammarLimits()) {
        self.tokenizer = tokenizer
        self.limits = limits
    }

    /// - Parameter shown: control tokens that are text here; no others are.
    /// - Throws: what is wrong with the source, or cannot be held to.
    public func constraint(
        _ source: GrammarSource, showing shown: Set<Int32> = []
    ) throws(GrammarError) -> Constraint {
        let wanted = Wanted(source: source, shown: shown)
        if let known = known(wanted) { return known }
        let constraint = Constraint(try Grammar(source, limits: limits), vocabulary: vocabulary(showing: shown))
        return kept.withLock { kept in
            // Another may have made the same meanwhile; what the first finds out should serve both.
            if let first = kept.entries[wanted] { return first.constraint }
            if kept.entries.count >= ConstraintCompiler.keptMax,
                let oldest = kept.entries.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                kept.entries[oldest.key] = nil
            }
            kept.uses += 1
            kept.entries[wanted] = Entry(constraint: constraint, lastUse: kept.uses)
            return constraint
        }
    }

    private func known(_ wanted: Wanted) -> Constraint? {
        kept.withLock { kept in
            guard kept.entries[wanted] != nil else { return nil }
            kept.uses += 1
            kept.entries[wanted]!.lastUse = kept.uses
            return kept.entries[wanted]!.constraint
        }
    }

    /// Made when it is first needed: it takes a fraction of a second, and most servers never need it.
    private func vocabulary(showing shown: Set<Int32>) -> Vocabulary {
        kept.withLock { kept in
            if let vocabulary = kept.vocabularies[shown] { return vocabulary }
            let made = Vocabulary(
                (0..<Int32(tokenizer.vocabularySize)).map { token in
                    tokenizer.isSpecial(token) && !shown.contains(token) ? [] : tokenizer.bytes(of: token)
                })
            kept.vocabularies[shown] = made
            return made
        }
    }
}

extension ModelHost {
    /// Where a constraint on the answer to a conversation begins.
    ///
    /// - Parameter thinks: whether the request asks for reasoning; nil where it leaves that to the model.
    public func constraintStart(_ prompt: ChatPrompt, thinks: Bool? = nil) -> GenerationConstraint.Start {
        if prompt.startsInReasoning { return .afterReasoning }
        let last = prompt.text.utf8.reversed().drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let isClosed = last.starts(with: "</think>".utf8.reversed())
        return isClosed || thinks == false || tokenizer.id(of: "<think>") == nil ? .now : .afterOptionalReasoning
    }
}
