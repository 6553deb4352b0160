import Foundation
import HadalCheckpoint
import HadalJSON

/// `vocab.json` and `merges.txt`: the two files of GPT-2, which say nothing about how text is cut. The tokenizer's class
/// in `tokenizer_config.json` does, or the caller.
struct VocabularyAndMerges {
    let vocabularyPath: String
    let mergesPath: String
    let configuration: TokenizerConfiguration
    let preTokenizerName: String?
    let opener: FileOpener

    var exists: Bool {
        FileManager.default.fileExists(atPath: vocabularyPath) && FileManager.default.fileExists(atPath: mergesPath)
    }

    func tokenizer() throws(TokenizerError) -> any Tokenizer {
        let name = try name()
        guard let preTokenizer = PreTokenizer(named: name) else {
            throw .unsupported(path: vocabularyPath, field: "pre-tokenizer", value: name)
        }
        let vocabulary = try TokenizerLoader.readJSON(vocabularyPath, opener) { reader in try PieceList(&reader) }
        let builder = VocabularyBuilder(path: vocabularyPath, spelling: .byteAlphabet)
        let pieces = try builder.pieces(vocabulary, field: "vocabulary")
        let model = ByteLevelModel(
            pieces: pieces, merges: try merges(of: pieces), preTokenizer: preTokenizer,
            ignoresMerges: PreTokenizer.ignoresMerges(name))
        let id = { (text: String) in
            configuration.added.first { $0.content == text }?.id ?? model.id(of: Array(text.utf8))
        }
        let ends = PipelineTokenizer.Ends(
            beginning: configuration.beginningToken.flatMap(id), end: configuration.endToken.flatMap(id),
            addsBeginning: configuration.addsBeginning ?? false, addsEnd: configuration.addsEnd ?? false)
        return PipelineTokenizer(
            model: model, normalizers: PreTokenizer.normalizers(name), added: configuration.added, ends: ends,
            stripsLeadingSpace: false)
    }

    private func name() throws(TokenizerError) -> String {
        if let preTokenizerName { return preTokenizerName }
        switch configuration.tokenizerClass {
        case "Qwen2Tokenizer", "Qwen2TokenizerFast": return "qwen2"
        case "GPT2Tokenizer", "GPT2TokenizerFast": return "gpt-2"
        case let other?:
            throw .unsupported(path: vocabularyPath, field: "tokenizer_class in tokenizer_config.json", value: other)
        case nil:
            throw .notFound(path: vocabularyPath, expected: "tokenizer_config.json beside it, with a tokenizer_class")
        }
    }

    private func merges(of pieces: PieceTable) throws(TokenizerError) -> MergeTable {
        let file = try TokenizerLoader.readBytes(mergesPath, opener)
        var list = MergeList()
        for line in file.bytes.split(separator: 0x0A) {
            let line = line.last == 0x0D ? line.dropLast() : line
            // The header; a merge of this form would have a piece "#version:".
            if line.isEmpty || (list.entries.isEmpty && line.starts(with: "#version".utf8)) { continue }
            guard String(validating: line, as: UTF8.self) != nil else {
                throw .malformed(path: mergesPath, field: "merge \(list.entries.count)", problem: "is not UTF-8")
            }
            list.append(line: line)
        }
        return try VocabularyBuilder(path: mergesPath, spelling: .byteAlphabet)
            .merges(list, of: pieces, field: "merges")
    }
}

extension PreTokenizer {
    /// What the models that use a pre-tokenizer do besides, where the file has no place to say so.
    static func normalizers(_ name: String) -> [Normalizer] { name == "qwen2" ? [.form(.nfc)] : [] }

    static func ignoresMerges(_ name: String) -> Bool {
        ["llama-bpe", "llama3", "llama-v3", "llama-3"].contains(name)
    }
}
