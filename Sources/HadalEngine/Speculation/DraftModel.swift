import HadalCompute
import HadalModels
import HadalTokenization

/// A smaller model that guesses what the large one will say (speculative decoding, arXiv:2211.17192). It has a cache of its own
/// in which a text's blocks have the numbers that they have in the model's, so that the scheduler knows nothing of it.
///
/// Texts that begin alike share these blocks too. What it has computed for one is written again for another, the same bits; and
/// where a block holds something else, that can cost a guess, never a token.
struct DraftModel {
    let cache: any KVCache
    private let model: any LanguageModel
    /// Rows of a text that may be missing when it is to guess.
    private static let missingMax = 64

    init(_ model: any LanguageModel, cache: any KVCache) {
        self.model = model
        self.cache = cache
    }

    /// Whether it has read nearly all of the text, and can go on in it.
    func isReady(for sequence: Sequence) -> Bool {
        sequence.tokens.count - sequence.drafted <= min(Self.missingMax, model.maximumRows)
            && sequence.tokens.count + SpeculationOptions.draftsLimit <= model.description.contextLength
    }

    /// Reads what the texts have gained, and gives drafts to those that want one and are ready for it.
    /// - Parameters:
    ///   - running: those that have blocks.
    ///   - wanted: how many guesses, for which there are blocks.
    func draft(for running: [Sequence], wanted: [ObjectIdentifier: Int]) {
        var rows = model.maximumRows
        let drafting = running.compactMap { sequence in
            let count = wanted[ObjectIdentifier(sequence)] ?? 0
            return count > 0 ? (sequence: sequence, count: count) : nil
        }
        // As many texts as fit at once; the others have no guesses this time.
        var step = Step()
        var outputRows: [Int32] = []
        var guessing: [(sequence: Sequence, count: Int)] = []
        for draft in drafting where draft.sequence.tokens.count - draft.sequence.drafted <= rows {
            rows -= read(draft.sequence, upTo: draft.sequence.tokens.count, into: &step)
            outputRows.append(Int32(step.rows - 1))
            guessing.append(draft)
        }
        // The others are read on from time to time, so that this costs little where guesses do not pay.
        for sequence in running where wanted[ObjectIdentifier(sequence)] == nil {
            let end = min(sequence.computed, model.description.contextLength)
            guard end - sequence.drafted >= Self.missingMax / 2 else { continue }
            rows -= read(sequence, upTo: min(end, sequence.drafted + rows), into: &step)
        }
        while step.rows > 0 {
            let tokens = model.device.likeliest(model.forward(step, cache: cache, outputRows: outputRows))
            step = Step()
            var unfinished: [(sequence: Sequence, count: Int)] = []
            for (guess, token) in zip(guessing, tokens) {
                var draft = guess.sequence.draft ?? Draft(source: .draftModel, tokens: [])
                draft.tokens.append(token)
                guess.sequence.draft = draft
                guard draft.tokens.count < guess.count else { continue }
                // The next guess builds on this one.
                step.append(
                    token, at: guess.sequence.tokens.count - 1 + draft.tokens.count, of: step.blockTables.count)
                step.blockTables.append(guess.sequence.blocks)
                unfinished.append(guess)
            }
            guessing = unfinished
            outputRows = guessing.indices.map { Int32($0) }
        }
    }

    /// - Returns: rows that were added to the step.
    private func read(_ sequence: Sequence, upTo end: Int, into step: inout Step) -> Int {
        guard end > sequence.drafted else { return 0 }
        for position in sequence.drafted..<end {
            step.append(sequence.tokens[position], at: position, of: step.blockTables.count)
        }
        step.blockTables.append(sequence.blocks)
        defer { sequence.drafted = end }
        return end - sequence.drafted
    }

    /// - Throws: `EngineError.invalidParameter` where the draft model's tokens are not the model's.
    static func check(_ draft: any Tokenizer, against tokenizer: any Tokenizer) throws(EngineError) {
        let vocabularies = [draft.vocabularySize, tokenizer.vocabularySize]
        for token in 0..<Int32(vocabularies.min()!) {
            let (own, other) = (draft.bytes(of: token), tokenizer.bytes(of: token))
            guard own == other else {
                throw .invalidParameter(
                    "draft model",
                    problem: "its token \(token) is \"\(String(decoding: own, as: UTF8.self))\", the model's "
                        + "\"\(String(decoding: other, as: UTF8.self))\"; it needs the same vocabulary")
            }
        }
        guard vocabularies[0] == vocabularies[1] else {
            throw .invalidParameter(
                "draft model",
                problem: "it has \(vocabularies[0]) tokens, the model \(vocabularies[1]); it needs the same vocabulary")
        }
    }
}
