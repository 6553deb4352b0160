/// A tokenizer as published files describe it: added tokens are found, the text between them is normalized, then
/// encoded by a subword model.
struct PipelineTokenizer: Tokenizer {
    let model: any SubwordModel
    let vocabularySize: Int
    let beginningOfText: Int32?
    let endOfText: Int32?
    let addsBeginningOfText: Bool
    let addsEndOfText: Bool
    let stripsLeadingSpace: Bool
    private let normalizers: [Normalizer]
    private let addedByID: [Int32: AddedToken]
    private let addedByContent: [[UInt8]: Int32]
    /// Looked for in the raw text, and in the normalized text between.
    private let raw: Finders
    private let normalized: Finders

    /// For text that may contain control tokens, and for text that may not.
    private struct Finders: Sendable {
        let all: AddedTokenFinder
        let harmless: AddedTokenFinder

        init(_ tokens: [AddedToken], content: (AddedToken) -> [UInt8]) {
            let harmless = tokens.filter { !$0.isControl }
            all = AddedTokenFinder(tokens, contents: tokens.map(content))
            self.harmless = AddedTokenFinder(harmless, contents: harmless.map(content))
        }
    }

    /// What stands around a text. See `Tokenizer`.
    struct Ends: Sendable, Hashable {
        var beginning: Int32?
        var end: Int32?
        var addsBeginning = false
        var addsEnd = false
    }

    init(
        model: any SubwordModel, normalizers: [Normalizer], added: [AddedToken], ends: Ends, stripsLeadingSpace: Bool
    ) {
        self.model = model
        self.normalizers = normalizers
        self.stripsLeadingSpace = stripsLeadingSpace
        beginningOfText = ends.beginning
        endOfText = ends.end
        addsBeginningOfText = ends.addsBeginning && ends.beginning != nil
        addsEndOfText = ends.addsEnd && ends.end != nil
        vocabularySize = max(model.count, (added.map { Int($0.id) }.max() ?? -1) + 1)
        addedByID = Dictionary(added.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        addedByContent = Dictionary(
            added.map { (Array($0.content.utf8), $0.id) }, uniquingKeysWith: { first, _ in first })
        let apply = { (text: String) in normalizers.reduce(text) { $1.apply(to: $0) } }
        raw = Finders(added.filter { !$0.isNormalized }) { Array($0.content.utf8) }
        normalized = Finders(added.filter(\.isNormalized)) { Array(apply($0.content).utf8) }
    }

    var controlTexts: [String] { addedByID.values.filter(\.isControl).map(\.content) }

    func encode(_ text: String, parsesSpecial: Bool) -> [Int32] {
        encode(text, parsesSpecial: parsesSpecial, masks: nil)
    }

    func encode(_ text: String, unmasking masks: [Unicode.Scalar: Unicode.Scalar]) -> [Int32] {
        encode(text, parsesSpecial: true, masks: masks.isEmpty ? nil : TextMasks(masks))
    }

    private func encode(_ text: String, parsesSpecial: Bool, masks: TextMasks?) -> [Int32] {
        let bytes = Array(text.utf8)
        var ids: [Int32] = []
        ids.reserveCapacity(bytes.count / 3 + 4)
        for part in (parsesSpecial ? raw.all : raw.harmless).parts(of: bytes.span) {
            switch part {
            case .token(let token): ids.append(token.id)
            case .text(let range):
                let isFirst = range.lowerBound == 0
                if normalizers.isEmpty {
                    encodeNormalized(
                        bytes.span.extracting(range), isFirst: isFirst, parsesSpecial, masks, into: &ids)
                } else {
                    let part = String(decoding: bytes[range], as: UTF8.self)
                    let normalized = Array(normalizers.reduce(part) { $1.apply(to: $0) }.utf8)
                    encodeNormalized(normalized.span, isFirst: isFirst, parsesSpecial, masks, into: &ids)
                }
            }
        }
        return ids
    }

    private func encodeNormalized(
        _ text: Span<UInt8>, isFirst: Bool, _ parsesSpecial: Bool, _ masks: TextMasks?, into ids: inout [Int32]
    ) {
        for part in (parsesSpecial ? normalized.all : normalized.harmless).parts(of: text) {
            switch part {
            case .token(let token): ids.append(token.id)
            case .text(let range):
                let isFirst = isFirst && range.lowerBound == 0
                if let plain = masks?.removed(from: text.extracting(range)) {
                    model.encode(plain.span, isFirst: isFirst, into: &ids)
                } else {
                    model.encode(text.extracting(range), isFirst: isFirst, into: &ids)
                }
            }
        }
    }

    func bytes(of token: Int32) -> [UInt8] {
        if let added = addedByID[token] { return Array(added.content.utf8) }
        return model.bytes(of: token)
    }

    func isSpecial(_ token: Int32) -> Bool { addedByID[token]?.isSpecial ?? false }

    func id(of piece: String) -> Int32? {
        let bytes = Array(piece.utf8)
        return addedByContent[bytes] ?? model.id(of: bytes)
    }
}
