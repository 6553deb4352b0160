import HadalCheckpoint
import HadalJSON

/// `tokenizer.json`, as the Hugging Face tokenizers library writes it. Everything in it is either understood or refused.
struct TokenizerFile {
    let path: String
    let configuration: TokenizerConfiguration
    /// All but the two long members of the model.
    private let json: JSON
    /// `model.vocab` and `model.merges`, where they are an object and an array.
    private let vocabulary: PieceList?
    private let merges: MergeList?

    init(path: String, configuration: TokenizerConfiguration, opener: FileOpener) throws(TokenizerError) {
        self.path = path
        self.configuration = configuration
        var vocabulary: PieceList?
        var merges: MergeList?
        json = try TokenizerLoader.readJSON(path, opener) { reader in
            var json = JSON.Object()
            try reader.forEachMember { name, value in
                let name = String(decoding: name, as: UTF8.self)
                guard name == "model", value.kind == .object else {
                    json[name] = try value.value()
                    return
                }
                var model = JSON.Object()
                try value.forEachMember { name, value in
                    switch (String(decoding: name, as: UTF8.self), value.kind) {
                    case ("vocab", .object): vocabulary = try PieceList(&value)
                    case ("merges", .array): merges = try MergeList(&value)
                    case (let name, _): model[name] = try value.value()
                    }
                }
                json["model"] = .object(model)
            }
            return .object(json)
        }
        self.vocabulary = vocabulary
        self.merges = merges
    }

    func tokenizer() throws(TokenizerError) -> any Tokenizer {
        guard let model = json["model"], model.object != nil else {
            throw .malformed(path: path, field: "model", problem: "missing")
        }
        let type = model["type"]?.string ?? (merges == nil ? "WordPiece" : "BPE")
        guard type == "BPE" || type == "WordPiece" else {
            throw .unsupported(path: path, field: "model.type", value: type)
        }
        guard let vocabulary else {
            throw .malformed(path: path, field: "model.vocab", problem: "missing or no object")
        }
        let normalizers = try self.normalizers()
        if type == "WordPiece" { return try wordPiece(model, vocabulary, normalizers) }
        for option in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let value = model[option]?.string, !value.isEmpty {
                throw .unsupported(path: path, field: "model.\(option)", value: value)
            }
        }
        guard let merges else {
            throw .malformed(path: path, field: "model.merges", problem: "missing or no array")
        }
        let isByteLevel = try steps(json["pre_tokenizer"], "pre_tokenizer", "pretokenizers").contains {
            $0.type == "ByteLevel"
        }
        return try isByteLevel
            ? byteLevel(model, vocabulary, merges, normalizers) : sentencePiece(model, vocabulary, merges, normalizers)
    }

    private func byteLevel(
        _ model: JSON, _ vocabulary: PieceList, _ merges: MergeList, _ normalizers: [Normalizer]
    ) throws(TokenizerError) -> any Tokenizer {
        let builder = VocabularyBuilder(path: path, spelling: .byteAlphabet)
        let pieces = try builder.pieces(vocabulary, field: "model.vocab")
        try checkDecoder(["ByteLevel"])
        return try assemble(
            ByteLevelModel(
                pieces: pieces, merges: try builder.merges(merges, of: pieces, field: "model.merges"),
                preTokenizer: try preTokenizer(), ignoresMerges: model["ignore_merges"]?.bool ?? false,
                unknown: try unknown(model, pieces)),
            normalizers, stripsLeadingSpace: false)
    }

    private func sentencePiece(
        _ model: JSON, _ vocabulary: PieceList, _ merges: MergeList, _ normalizers: [Normalizer]
    ) throws(TokenizerError) -> any Tokenizer {
        var normalizers = normalizers
        var prefix = SentencePieceModel.Prefix.never
        var splitsWords = false
        let preTokenizers = try steps(json["pre_tokenizer"], "pre_tokenizer", "pretokenizers")
        if let step = preTokenizers.first {
            guard preTokenizers.count == 1, step.type == "Metaspace", step.json["replacement"]?.string ?? "▁" == "▁"
            else {
                throw .unsupported(path: path, field: "pre_tokenizer", value: json["pre_tokenizer"]?.text ?? "null")
            }
            switch step.json["prepend_scheme"]?.string {
            case "always": prefix = .always
            case "first": prefix = .first
            case "never": prefix = .never
            case nil: prefix = step.json["add_prefix_space"]?.bool ?? true ? .always : .never
            case let other?: throw .unsupported(path: path, field: "pre_tokenizer.prepend_scheme", value: other)
            }
            splitsWords = step.json["split"]?.bool ?? true
        } else {
            guard normalizers.last == .replace(" ", with: "▁") else {
                throw .unsupported(
                    path: path, field: "pre_tokenizer",
                    value: "none, with BPE that is neither byte-level nor SentencePiece")
            }
            normalizers.removeLast()
            if normalizers.last == .prepend("▁") {
                normalizers.removeLast()
                prefix = .always
            }
        }
        let builder = VocabularyBuilder(path: path, spelling: .plain)
        let pieces = try builder.pieces(vocabulary, field: "model.vocab")
        try checkDecoder(["Replace", "ByteFallback", "Fuse", "Strip", "Metaspace"])
        let strips = try steps(json["decoder"], "decoder", "decoders").contains { step in
            step.type == "Strip" && step.json["start"]?.int == 1 || step.type == "Metaspace" && prefix != .never
        }
        let hasByteFallback = model["byte_fallback"]?.bool ?? false
        return try assemble(
            SentencePieceModel(
                pieces: pieces, merges: try builder.merges(merges, of: pieces, field: "model.merges"),
                mergedPieces: 0..<Int32(pieces.count),
                byteTokens: hasByteFallback
                    ? VocabularyBuilder.byteTokens(of: pieces) : Array(repeating: -1, count: 256),
                unknown: try unknown(model, pieces), fusesUnknown: model["fuse_unk"]?.bool ?? false, prefix: prefix,
                keepsLeadingMark: !preTokenizers.isEmpty, splitsWords: splitsWords),
            normalizers, stripsLeadingSpace: strips)
    }

    private func wordPiece(
        _ model: JSON, _ vocabulary: PieceList, _ normalizers: [Normalizer]
    ) throws(TokenizerError) -> any Tokenizer {
        let preTokenizers = try steps(json["pre_tokenizer"], "pre_tokenizer", "pretokenizers")
        guard preTokenizers.count == 1, preTokenizers[0].type == "BertPreTokenizer" else {
            throw .unsupported(path: path, field: "pre_tokenizer", value: json["pre_tokenizer"]?.text ?? "null")
        }
        let pieces = try VocabularyBuilder(path: path, spelling: .plain).pieces(vocabulary, field: "model.vocab")
        try checkDecoder(["WordPiece"])
        return try assemble(
            WordPieceModel(
                pieces: pieces, unknown: try unknown(model, pieces),
                continuation: Array((model["continuing_subword_prefix"]?.string ?? "##").utf8),
                wordScalarsMax: model["max_input_chars_per_word"]?.int ?? 100),
            normalizers, stripsLeadingSpace: true)
    }

    private func unknown(_ model: JSON, _ pieces: PieceTable) throws(TokenizerError) -> Int32? {
        guard let text = model["unk_token"]?.string, !text.isEmpty else { return nil }
        guard let id = pieces.id(of: Array(text.utf8)) else {
            throw .malformed(path: path, field: "model.unk_token", problem: "\"\(text)\" is not in the vocabulary")
        }
        return id
    }

    /// Adds the added tokens and what stands around a text.
    private func assemble(
        _ model: any SubwordModel, _ normalizers: [Normalizer], stripsLeadingSpace: Bool
    ) throws(TokenizerError) -> any Tokenizer {
        var added: [AddedToken] = []
        for (index, entry) in (json["added_tokens"]?.array ?? []).enumerated() {
            let field = "added_tokens[\(index)]"
            guard let id = entry["id"]?.int, id >= 0, id < VocabularyBuilder.idMax else {
                throw .malformed(path: path, field: field, problem: "has no usable id")
            }
            added.append(try AddedToken(entry, id: Int32(id), path: path, field: field))
        }
        let known = Set(added.map(\.id))
        added += configuration.added.filter { !known.contains($0.id) }

        let around = try postProcessing()
        let id = { (text: String) in
            added.first { $0.content.utf8.elementsEqual(text.utf8) }?.id ?? model.id(of: Array(text.utf8))
        }
        let ends = PipelineTokenizer.Ends(
            beginning: configuration.beginningToken.flatMap(id) ?? around.before.first,
            end: configuration.endToken.flatMap(id) ?? around.after.last,
            addsBeginning: configuration.addsBeginning ?? !around.before.isEmpty,
            addsEnd: configuration.addsEnd ?? !around.after.isEmpty)
        return PipelineTokenizer(
            model: model, normalizers: normalizers, added: added, ends: ends, stripsLeadingSpace: stripsLeadingSpace)
    }
}

// MARK: - The parts around the model

extension TokenizerFile {
    private struct Step {
        var type: String
        var json: JSON
        var field: String
    }

    /// The steps of a normalizer, pre-tokenizer, post-processor or decoder, sequences taken apart.
    private func steps(_ json: JSON?, _ field: String, _ members: String) throws(TokenizerError) -> [Step] {
        guard let json, !json.isNull else { return [] }
        guard let type = json["type"]?.string else {
            throw .malformed(path: path, field: field, problem: "has no type")
        }
        guard type == "Sequence" else { return [Step(type: type, json: json, field: field)] }
        guard let list = json[members]?.array else {
            throw .malformed(path: path, field: "\(field).\(members)", problem: "missing or no array")
        }
        var result: [Step] = []
        for (index, element) in list.enumerated() {
            result += try steps(element, "\(field).\(members)[\(index)]", members)
        }
        return result
    }

    private func normalizers() throws(TokenizerError) -> [Normalizer] {
        var result: [Normalizer] = []
        for step in try steps(json["normalizer"], "normalizer", "normalizers") {
            let flag = { (name: String) in step.json[name]?.bool }
            switch step.type {
            case "NFC": result.append(.form(.nfc))
            case "NFD": result.append(.form(.nfd))
            case "NFKC": result.append(.form(.nfkc))
            case "NFKD": result.append(.form(.nfkd))
            case "Lowercase": result.append(.lowercase)
            case "StripAccents": result.append(.stripAccents)
            case "Strip":
                result.append(.strip(left: flag("strip_left") ?? true, right: flag("strip_right") ?? true))
            case "Prepend": result.append(.prepend(step.json["prepend"]?.string ?? ""))
            case "Replace":
                guard let pattern = step.json["pattern"]?["String"]?.string, let content = step.json["content"]?.string
                else { throw .unsupported(path: path, field: step.field, value: step.json.text) }
                result.append(.replace(pattern, with: content))
            case "BertNormalizer":
                let lowercases = flag("lowercase") ?? true
                result.append(
                    .bert(
                        cleansText: flag("clean_text") ?? true, spacesChinese: flag("handle_chinese_chars") ?? true,
                        stripsAccents: flag("strip_accents") ?? lowercases, lowercases: lowercases))
            default: throw .unsupported(path: path, field: step.field, value: step.type)
            }
        }
        return result
    }

    /// Of a byte-level model.
    private func preTokenizer() throws(TokenizerError) -> PreTokenizer {
        let steps = try steps(json["pre_tokenizer"], "pre_tokenizer", "pretokenizers")
        var result = PreTokenizer(rules: [])
        for (index, step) in steps.enumerated() {
            switch step.type {
            case "Split":
                guard let pattern = step.json["pattern"]?["Regex"]?.string, let rule = SplitRule(pattern: pattern)
                else {
                    throw .unsupported(
                        path: path, field: "\(step.field).pattern", value: step.json["pattern"]?.text ?? "null")
                }
                let behavior = step.json["behavior"]?.string ?? "Isolated"
                // A pattern that matches everywhere leaves nothing between its matches to remove.
                let isInverse = behavior == "Removed" && step.json["invert"]?.bool == true && rule.matchesEverywhere
                guard behavior == "Isolated" || isInverse else {
                    throw .unsupported(path: path, field: "\(step.field).behavior", value: behavior)
                }
                result.rules.append(rule)
            case "Digits":
                let isSingle = step.json["individual_digits"]?.bool ?? false
                result.rules.append(
                    .run(prefix: .none, set: ScalarSet(classes: .number), longest: isSingle ? 1 : .max))
            case "ByteLevel":
                guard index == steps.count - 1 else {
                    throw .unsupported(path: path, field: step.field, value: "ByteLevel before other pre-tokenizers")
                }
                if step.json["add_prefix_space"]?.bool ?? true {
                    guard index == 0 else {
                        throw .unsupported(path: path, field: step.field, value: "add_prefix_space after a split")
                    }
                    result.addsPrefixSpace = true
                }
                if step.json["use_regex"]?.bool ?? true { result.rules.append(.gpt2) }
            default: throw .unsupported(path: path, field: step.field, value: step.type)
            }
        }
        return result
    }

    private func checkDecoder(_ known: Set<String>) throws(TokenizerError) {
        for step in try steps(json["decoder"], "decoder", "decoders") where !known.contains(step.type) {
            throw .unsupported(path: path, field: step.field, value: step.type)
        }
    }

    /// The tokens that the post-processor puts around a single text.
    private func postProcessing() throws(TokenizerError) -> (before: [Int32], after: [Int32]) {
        var before: [Int32] = []
        var after: [Int32] = []
        func id(_ json: JSON?, _ field: String) throws(TokenizerError) -> Int32 {
            guard let value = json?.int, let id = Int32(exactly: value), id >= 0 else {
                throw .malformed(path: path, field: field, problem: "has no token id")
            }
            return id
        }
        for step in try steps(json["post_processor"], "post_processor", "processors") {
            switch step.type {
            case "ByteLevel": break
            case "BertProcessing", "RobertaProcessing":
                before.append(try id(step.json["cls"]?[1], "\(step.field).cls"))
                after.append(try id(step.json["sep"]?[1], "\(step.field).sep"))
            case "TemplateProcessing":
                var isAfter = false
                for part in step.json["single"]?.array ?? [] {
                    if part["Sequence"] != nil {
                        isAfter = true
                    } else if let name = part["SpecialToken"]?["id"]?.string {
                        let field = "\(step.field).special_tokens.\(name)"
                        for entry in step.json["special_tokens"]?[name]?["ids"]?.array ?? [] {
                            let id = try id(entry, field)
                            if isAfter { after.append(id) } else { before.append(id) }
                        }
                    }
                }
            default: throw .unsupported(path: path, field: step.field, value: step.type)
            }
        }
        return (before, after)
    }
}
