import HadalCompute
import HadalModels

/// Guesses tokens between two steps: gives sequences that decode a draft, which the next step computes and checks.
struct Speculator {
    private let options: SpeculationOptions
    private let model: any LanguageModel
    private let predictor: (any TokenPredictor)?
    private let cache: any KVCache
    private let draftModel: DraftModel?
    private var budget = DraftBudget()

    init(_ options: SpeculationOptions, model: any LanguageModel, cache: any KVCache, draftModel: DraftModel?) {
        self.options = options
        self.model = model
        self.cache = cache
        self.draftModel = draftModel
        predictor = options.predictsFromLayers == nil ? nil : model.predictor
    }

    /// A step with these parts, and the guessing after it, took so long.
    mutating func record(_ parts: [Scheduler.Part], seconds: Double) {
        guard parts.allSatisfy({ $0.range.count == 1 }) else { return }
        budget.record(sequences: parts.count, rows: parts.reduce(0) { $0 + $1.rows }, seconds: seconds)
    }

    /// Gives drafts to those that decode next.
    /// - Parameter parts: of the step that was just computed, whose hidden states the model still has.
    mutating func draft(after parts: [Scheduler.Part], scheduler: inout Scheduler) {
        guard options.draftsMax > 0 else { return }
        let computed = Set(parts.map { ObjectIdentifier($0.sequence) })
        let decoding = scheduler.active.filter { $0.remaining == 1 }
        let drafts = decoding.map { guess(for: $0) }
        let counts = budget.counts(
            zip(decoding, drafts).map { sequence, draft in
                if let draft { return (draft.tokens.count, sequence.trust(draft.source).probability) }
                if let draftModel {
                    let count = draftModel.isReady(for: sequence) ? min(options.draftsMax, sequence.draftsMax) : 0
                    return (count, sequence.trust(.draftModel).probability)
                }
                // The prediction layer goes on from what was computed just now.
                let canPredict = predictor != nil && computed.contains(ObjectIdentifier(sequence))
                return (
                    canPredict ? min(options.draftsMax, sequence.draftsMax) : 0, sequence.trust(.predictor).probability
                )
            },
            rowsMax: scheduler.rowsMax)
        var wanted: [ObjectIdentifier: Int] = [:]
        for (index, sequence) in decoding.enumerated() {
            let count = scheduler.makeRoom(for: sequence, drafts: counts[index])
            if count == 0 {
                sequence.rest()
            } else if var draft = drafts[index] {
                draft.tokens.removeLast(draft.tokens.count - count)
                sequence.draft = draft
            } else {
                wanted[ObjectIdentifier(sequence)] = count
            }
        }
        if let draftModel {
            draftModel.draft(for: scheduler.running, wanted: wanted)
        } else {
            predict(parts, wanted: wanted)
        }
    }

    /// A guess that takes no computing.
    private func guess(for sequence: Sequence) -> Draft? {
        let forced = sequence.forcedDraft(limit: min(SpeculationOptions.draftsLimit, sequence.draftsMax))
        if !forced.isEmpty { return Draft(source: .grammar, tokens: forced) }
        guard options.usesLookup else { return nil }
        let found = sequence.lookUp(count: min(options.draftsMax, sequence.draftsMax))
        return found.isEmpty ? nil : Draft(source: .lookup, tokens: found)
    }

    /// Computes the prediction layer for all rows whose successors are known by now, and goes on guessing for those that
    /// are to have a draft.
    private func predict(_ parts: [Scheduler.Part], wanted: [ObjectIdentifier: Int]) {
        guard let predictor else { return }
        var step = Step()
        var sourceRows: [Int32] = []
        var outputRows: [Int32] = []
        var guessed: [(sequence: Sequence, count: Int)] = []
        var first = 0
        for part in parts {
            defer { first += part.rows }
            let sequence = part.sequence
            // Those that are finished have no blocks any more.
            guard !sequence.blocks.isEmpty else { continue }
            for position in part.range.lowerBound..<sequence.computed {
                step.append(sequence.tokens[position + 1], at: position, of: step.blockTables.count)
                sourceRows.append(Int32(first + position - part.range.lowerBound))
            }
            step.blockTables.append(sequence.blocks)
            if let count = wanted[ObjectIdentifier(sequence)], count > 0 {
                outputRows.append(Int32(step.rows - 1))
                guessed.append((sequence, count))
            }
        }
        var source = PredictionSource.model
        while step.rows > 0 {
            let logits = predictor.predict(
                step, from: source, sourceRows: sourceRows, cache: cache, outputRows: outputRows)
            let tokens = model.device.likeliest(logits)
            for (guess, token) in zip(guessed, tokens) {
                var draft = guess.sequence.draft ?? Draft(source: .predictor, tokens: [])
                draft.tokens.append(token)
                guess.sequence.draft = draft
            }
            // The next guess builds on this one.
            step = Step()
            var kept: [Int32] = []
            for (index, guess) in guessed.enumerated() {
                let drafted = guess.sequence.draft!.tokens
                guard drafted.count < guess.count else { continue }
                step.append(
                    drafted.last!, at: guess.sequence.tokens.count - 2 + drafted.count, of: step.blockTables.count)
                step.blockTables.append(guess.sequence.blocks)
                kept.append(outputRows[index])
            }
            guessed.removeAll { $0.sequence.draft!.tokens.count >= $0.count }
            sourceRows = kept
            outputRows = kept.indices.map { Int32($0) }
            source = .prediction
        }
    }
}

extension ComputeDevice {
    /// The token with the largest logit of each row.
    func likeliest(_ logits: Buffer) -> [Int32] {
        guard logits.rows > 0 else { return [] }
        if let tokens = likeliest(logits, rows: logits.rows) { return tokens }
        return read(logits, rows: logits.rows).withUnsafeBufferPointer { values in
            (0..<logits.rows).map { row in
                let range = row * logits.width..<(row + 1) * logits.width
                return Int32(LogitRow(UnsafeBufferPointer(rebasing: values[range])).largestIndex)
            }
        }
    }
}

extension Step {
    mutating func append(_ token: Int32, at position: Int, of sequence: Int) {
        tokens.append(token)
        positions.append(Int32(position))
        sequences.append(Int32(sequence))
    }
}
