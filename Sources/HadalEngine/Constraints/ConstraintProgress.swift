import HadalGrammar
import HadalTokenization

/// How far one sequence has come in what it is held to. A function of its tokens alone, changed only when one is taken: a
/// sequence that has to make room and is computed again keeps it, and a token that is drawn and not taken leaves no trace.
struct ConstraintProgress {
    private enum Phase {
        /// Nothing has come; the model may begin to reason.
        case opening
        /// The last bytes, as far as they may begin the closing tag.
        case reasoning(tail: [UInt8])
        /// The reasoning is closed; this many tokens of white space may come before the text.
        case gap(Int)
        case text(Constraint, Constraint.State)
        /// Between constrained parts: the last bytes, as far as they may begin a part's opening.
        case free(tail: [UInt8])
        /// A token was taken that does not fit.
        case broken
    }

    enum Outcome {
        case goesOn
        /// Nothing may follow.
        case isComplete
        case isBroken
    }

    private static let openTag = Array("<think>".utf8)
    private static let closeTag = Array("</think>".utf8)
    /// Models write an empty line after their reasoning, which is no part of the answer.
    private static let blanksMax = 2

    /// Of the answer as a whole.
    private let constraint: Constraint?
    /// What parts begin with, and are held to.
    private let parts: [(opening: [UInt8], constraint: Constraint)]
    private let tokenizer: any Tokenizer
    /// Tokens that end the text where it may end.
    private let endTokens: Set<Int32>
    /// Those that end a text otherwise; in reasoning it may not.
    private let allEndTokens: Set<Int32>
    private var phase: Phase

    init(_ wanted: GenerationConstraint, request: GenerationRequest, tokenizer: any Tokenizer, endTokens: Set<Int32>) {
        self.tokenizer = tokenizer
        self.endTokens = request.ignoresEndOfText ? request.stopTokens : request.stopTokens.union(endTokens)
        allEndTokens = request.stopTokens.union(endTokens)
        switch wanted {
        case .answer(let constraint, let start):
            self.constraint = constraint
            parts = []
            phase =
                switch start {
                case .now: .text(constraint, constraint.start)
                case .afterReasoning: .reasoning(tail: [])
                case .afterOptionalReasoning: .opening
                }
        case .parts(let parts, let begun):
            constraint = nil
            self.parts = parts.map { (Array($0.opening.utf8), $0.constraint) }
            phase = .free(tail: [])
            phase = free([], Array(begun.utf8)[...])
        }
    }

    // MARK: what may come

    /// Sets the logits of what may not come next to −∞.
    func mask(_ logits: UnsafeMutableBufferPointer<Float>) {
        switch phase {
        case .opening:
            let tag = tokenizer.id(of: "<think>")
            maskToStart(logits, allowing: tag.map { [$0] } ?? [])
        case .reasoning(let tail):
            for token in allEndTokens where Int(token) < logits.count { logits[Int(token)] = -.infinity }
            // The closing tag may stand in the middle of a token; what follows it there must be blank.
            guard !tail.isEmpty, let vocabulary = constraint?.vocabulary else { return }
            for token in 0..<min(logits.count, vocabulary.count) where logits[token] > -.infinity {
                let bytes = vocabulary.bytes(of: Int32(token))
                guard bytes.contains(UInt8(ascii: ">")), bytes.last != UInt8(ascii: ">") else { continue }
                if case .broken = ConstraintProgress.reasoning(tail, bytes) { logits[token] = -.infinity }
            }
        case .gap(let left): maskToStart(logits, allowing: left > 0 ? blanks : [])
        case .text(let constraint, let state): mask(logits, constraint, state, allowing: [])
        case .free(let tail):
            // An opening may end in the middle of a token; what follows it there must fit.
            guard !tail.isEmpty, let vocabulary = parts.first?.constraint.vocabulary else { return }
            let begun = parts.filter { $0.opening.starts(with: tail) }
            for token in 0..<min(logits.count, vocabulary.count) where logits[token] > -.infinity {
                let bytes = vocabulary.bytes(of: Int32(token))
                guard begun.contains(where: { bytes.starts(with: $0.opening.dropFirst(tail.count)) }) else { continue }
                if case .broken = free(tail, bytes) { logits[token] = -.infinity }
            }
        case .broken: return
        }
    }

    private func maskToStart(_ logits: UnsafeMutableBufferPointer<Float>, allowing others: [Int32]) {
        guard let constraint else { return }
        mask(logits, constraint, constraint.start, allowing: others)
    }

    private func mask(
        _ logits: UnsafeMutableBufferPointer<Float>, _ constraint: Constraint, _ state: Constraint.State,
        allowing others: [Int32]
    ) {
        let ends = constraint.mayEnd(state) ? Array(endTokens) : []
        constraint.mask(state).apply(to: logits, allowing: others + ends)
    }

    /// Tokens of white space that come after reasoning.
    private var blanks: [Int32] {
        ["\n", "\n\n"].compactMap { text in
            let ids = tokenizer.encode(text, parsesSpecial: false)
            return ids.count == 1 ? ids[0] : nil
        }
    }

    /// The bytes that must come next; none where there is a choice, or before the text begins.
    func forcedBytes(limit: Int) -> [UInt8] {
        guard case .text(let constraint, let state) = phase else { return [] }
        return constraint.forcedBytes(state, limit: limit)
    }

    // MARK: what comes

    /// - Parameter token: none that ends the text.
    mutating func take(_ token: Int32) -> Outcome {
        switch phase {
        case .opening:
            let bytes = tokenizer.bytes(of: token)
            phase = bytes == ConstraintProgress.openTag ? .reasoning(tail: []) : start(with: bytes[...])
        case .reasoning(let tail):
            phase = ConstraintProgress.reasoning(tail, tokenizer.bytes(of: token)[...])
        case .gap(let left):
            let bytes = tokenizer.bytes(of: token)[...]
            phase = start(with: bytes)
            if case .broken = phase, left > 0, bytes.allSatisfy({ $0 == 0x0A }) { phase = .gap(left - 1) }
        case .text(let constraint, let state):
            phase = constraint.advance(state, token: token).map { .text(constraint, $0) } ?? .broken
        case .free(let tail): phase = free(tail, tokenizer.bytes(of: token)[...])
        case .broken: break
        }
        switch phase {
        case .text(let constraint, let state):
            guard constraint.mustEnd(state) else { return .goesOn }
            guard !parts.isEmpty else { return .isComplete }
            phase = .free(tail: [])
            return .goesOn
        case .broken: return .isBroken
        default: return .goesOn
        }
    }

    /// The phase after the text's first bytes.
    private func start(with bytes: ArraySlice<UInt8>) -> Phase {
        guard let constraint, let state = constraint.advance(constraint.start, bytes) else { return .broken }
        return .text(constraint, state)
    }

    /// The phase after more bytes between parts.
    private func free(_ tail: [UInt8], _ bytes: ArraySlice<UInt8>) -> Phase {
        var tail = tail
        for (offset, byte) in bytes.enumerated() {
            tail.append(byte)
            while !parts.contains(where: { $0.opening.starts(with: tail) }) { tail.removeFirst() }
            guard let part = parts.first(where: { $0.opening.count == tail.count }), !tail.isEmpty else { continue }
            let rest = bytes.dropFirst(offset + 1)
            guard let state = part.constraint.advance(part.constraint.start, rest) else { return .broken }
            return .text(part.constraint, state)
        }
        return .free(tail: tail)
    }

    /// The phase after more bytes of reasoning.
    private static func reasoning(_ tail: [UInt8], _ bytes: ArraySlice<UInt8>) -> Phase {
        var tail = tail
        for (offset, byte) in bytes.enumerated() {
            tail.append(byte)
            while !closeTag.starts(with: tail) { tail.removeFirst() }
            guard tail.count == closeTag.count else { continue }
            let rest = bytes.dropFirst(offset + 1)
            return rest.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) } ? .gap(blanksMax) : .broken
        }
        return .reasoning(tail: tail)
    }
}

extension Sequence {
    /// Tokens that must come next, as the tokenizer would write them: a draft that is nearly always accepted. Which tokens
    /// spell a text is the model's choice, so each must still be drawn; empty where nothing is forced.
    ///
    /// - Parameter limit: the most tokens.
    package func forcedDraft(limit: Int) -> [Int32] {
        guard limit > 0, let forced = progress?.forcedBytes(limit: 16 * limit), !forced.isEmpty,
            let text = String(validating: forced, as: UTF8.self)
        else { return [] }
        // The last token might be a longer one with what follows.
        return Array(tokenizer.encode(text, parsesSpecial: false).dropLast().prefix(limit))
    }
}
