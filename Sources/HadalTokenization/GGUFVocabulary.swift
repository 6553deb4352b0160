import HadalCheckpoint

/// The vocabulary in a GGUF file's metadata (`tokenizer.ggml.*`).
struct GGUFVocabulary {
    let metadata: GGUFMetadata
    let path: String

    /// `tokenizer.ggml.token_type`
    private enum Kind: Int {
        case normal = 1
        case unknown, control, userDefined, unused, byte
    }

    private static let prefix = "tokenizer.ggml."

    func tokenizer() throws(TokenizerError) -> any Tokenizer {
        guard let model = metadata.string(GGUFVocabulary.prefix + "model") else {
            throw .malformed(
                path: path, field: GGUFVocabulary.prefix + "model", problem: "missing: no vocabulary in this file")
        }
        switch model {
        case "gpt2": return try byteLevel()
        case "llama": return try sentencePiece()
        case "bert": return try wordPiece()
        default: throw .unsupported(path: path, field: GGUFVocabulary.prefix + "model", value: model)
        }
    }

    private func byteLevel() throws(TokenizerError) -> any Tokenizer {
        let name = metadata.string(GGUFVocabulary.prefix + "pre") ?? "none"
        guard let preTokenizer = PreTokenizer(named: name) else {
            throw .unsupported(path: path, field: GGUFVocabulary.prefix + "pre", value: name)
        }
        let kinds = try kinds()
        let pieces = try pieces(kinds, spelling: .byteAlphabet)
        guard let lines = metadata.array(GGUFVocabulary.prefix + "merges"), lines.kind == .string else {
            throw .malformed(
                path: path, field: GGUFVocabulary.prefix + "merges", problem: "missing or no array of strings")
        }
        let builder = VocabularyBuilder(path: path, spelling: .byteAlphabet)
        var list = MergeList()
        lines.forEachString { list.append(line: String(decoding: $1, as: UTF8.self).utf8) }
        let merges = try builder.merges(list, of: pieces, field: GGUFVocabulary.prefix + "merges", isLenient: true)
        let isLlama3 = PreTokenizer.ignoresMerges(name)
        return assemble(
            ByteLevelModel(
                pieces: pieces, merges: merges, preTokenizer: preTokenizer, ignoresMerges: isLlama3, unknown: nil),
            PreTokenizer.normalizers(name), kinds: kinds, addsBeginning: isLlama3, addsEnd: false,
            stripsLeadingSpace: false)
    }

    private func sentencePiece() throws(TokenizerError) -> any Tokenizer {
        let kinds = try kinds()
        let pieces = try pieces(kinds, spelling: .plain)
        guard let scores = metadata.floats(GGUFVocabulary.prefix + "scores"), scores.count == kinds.count else {
            throw .malformed(
                path: path, field: GGUFVocabulary.prefix + "scores",
                problem: "missing, or not one for each of \(kinds.count) tokens")
        }
        guard !scores.contains(where: \.isNaN) else {
            throw .malformed(path: path, field: GGUFVocabulary.prefix + "scores", problem: "not a number")
        }
        if metadata.bool(GGUFVocabulary.prefix + "remove_extra_whitespaces") ?? false {
            throw .unsupported(path: path, field: GGUFVocabulary.prefix + "remove_extra_whitespaces", value: "true")
        }
        let mergeable = kinds.indices.filter { kinds[$0] == .normal }.map { Int32($0) }
        let addsSpace = metadata.bool(GGUFVocabulary.prefix + "add_space_prefix") ?? true
        return assemble(
            SentencePieceModel(
                pieces: pieces, merges: MergeTable(scores: scores, pieces: pieces, mergeable: mergeable),
                mergedPieces: mergeable, byteTokens: VocabularyBuilder.byteTokens(of: pieces),
                unknown: id("unknown_token_id", below: kinds.count), fusesUnknown: true,
                prefix: addsSpace ? .always : .never, keepsLeadingMark: false, splitsWords: false),
            [], kinds: kinds, addsBeginning: true, addsEnd: false, stripsLeadingSpace: addsSpace)
    }

    private func wordPiece() throws(TokenizerError) -> any Tokenizer {
        let kinds = try kinds()
        // Converters write "##ing" as "ing" and "hello" as "▁hello".
        let mark: [UInt8] = [0xE2, 0x96, 0x81]
        let continuation = Array("##".utf8)
        var table = PieceTable(capacity: kinds.count)
        var isCased = false
        metadata.array(GGUFVocabulary.prefix + "tokens")?.forEachString { id, bytes in
            var piece = Array(bytes)
            if kinds[id] == .normal,
                !(piece.first == UInt8(ascii: "[") && piece.last == UInt8(ascii: "]") && piece.count > 2)
            {
                if piece.starts(with: mark) { piece.removeFirst(mark.count) } else { piece = continuation + piece }
                isCased = isCased || piece.contains { (65...90).contains($0) }
            }
            table.append(piece.span)
        }
        let normalizer = Normalizer.bert(
            cleansText: true, spacesChinese: true, stripsAccents: !isCased, lowercases: !isCased)
        return assemble(
            WordPieceModel(
                pieces: table, unknown: id("unknown_token_id", below: kinds.count), continuation: continuation,
                wordScalarsMax: 100),
            [normalizer], kinds: kinds, addsBeginning: true, addsEnd: true, stripsLeadingSpace: true)
    }

    /// One for each token; missing types are normal, but for SentencePiece's byte tokens, which their text tells.
    private func kinds() throws(TokenizerError) -> [Kind] {
        guard let tokens = metadata.array(GGUFVocabulary.prefix + "tokens"), tokens.kind == .string else {
            throw .malformed(
                path: path, field: GGUFVocabulary.prefix + "tokens", problem: "missing or no array of strings")
        }
        guard tokens.count <= VocabularyBuilder.idMax else {
            throw .tooLarge(
                path: path, field: GGUFVocabulary.prefix + "tokens", value: tokens.count, limit: VocabularyBuilder.idMax
            )
        }
        guard let types = metadata.ints(GGUFVocabulary.prefix + "token_type") else {
            return Array(repeating: .normal, count: tokens.count)
        }
        guard types.count == tokens.count else {
            throw .malformed(
                path: path, field: GGUFVocabulary.prefix + "token_type",
                problem: "\(types.count) types for \(tokens.count) tokens")
        }
        return types.map { Kind(rawValue: $0) ?? .normal }
    }

    /// Added tokens stand as they are and are not found by their bytes: that is `AddedTokens`' work.
    private func pieces(_ kinds: [Kind], spelling: VocabularyBuilder.Spelling) throws(TokenizerError) -> PieceTable {
        let tokens = metadata.array(GGUFVocabulary.prefix + "tokens")!
        let builder = VocabularyBuilder(path: path, spelling: spelling)
        var table = PieceTable(capacity: kinds.count, byteCapacity: kinds.count * 8)
        var scratch: [UInt8] = []
        tokens.forEachString { id, bytes in
            // Bytes that are no UTF-8 are repaired, so that scanning them is safe.
            let piece = Array(String(decoding: bytes, as: UTF8.self).utf8)
            switch kinds[id] {
            case .normal, .unused, .byte: builder.append(piece.span, to: &table, &scratch)
            case .unknown, .control, .userDefined: table.append(piece.span, isFindable: false)
            }
        }
        return table
    }

    private func id(_ name: String, below count: Int) -> Int32? {
        // Absent ids are written as -1 or 4294967295 by some converters.
        guard let value = metadata.int(GGUFVocabulary.prefix + name), value >= 0, value < count else { return nil }
        return Int32(value)
    }

    private func assemble(
        _ model: any SubwordModel, _ normalizers: [Normalizer], kinds: [Kind], addsBeginning: Bool, addsEnd: Bool,
        stripsLeadingSpace: Bool
    ) -> any Tokenizer {
        var added: [AddedToken] = []
        metadata.array(GGUFVocabulary.prefix + "tokens")?.forEachString { id, bytes in
            guard kinds[id] == .unknown || kinds[id] == .control || kinds[id] == .userDefined, !bytes.isEmpty else {
                return
            }
            added.append(
                AddedToken(
                    id: Int32(id), content: String(decoding: bytes, as: UTF8.self), isSpecial: kinds[id] != .userDefined
                ))
        }
        let ends = PipelineTokenizer.Ends(
            beginning: id("bos_token_id", below: kinds.count) ?? id("cls_token_id", below: kinds.count),
            end: id("eos_token_id", below: kinds.count) ?? id("seperator_token_id", below: kinds.count),
            addsBeginning: metadata.bool(GGUFVocabulary.prefix + "add_bos_token") ?? addsBeginning,
            addsEnd: metadata.bool(GGUFVocabulary.prefix + "add_eos_token") ?? addsEnd)
        return PipelineTokenizer(
            model: model, normalizers: normalizers, added: added, ends: ends, stripsLeadingSpace: stripsLeadingSpace)
    }
}

extension SplitRule {
    /// Whether some alternative matches at any character, so that the matches cover all text.
    var matchesEverywhere: Bool {
        switch self {
        case .gpt2, .llama3: true
        case .run, .trailingSpace, .deepSeekV3: false
        }
    }
}
