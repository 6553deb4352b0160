import Foundation
import HadalStore

/// Which of a repository's files are needed: the weights in one format, and what describes them; no second copies in
/// other formats, no pictures, no code.
struct FileChoice: Sendable {
    let files: [RemoteModel.File]
    /// Of a GGUF model.
    let variant: String?

    /// What the loader, the tokenizers and the templates read, beside the weights.
    private static let sideNames: Set = [
        "config.json", "generation_config.json", "model.safetensors.index.json", "tokenizer.json",
        "tokenizer_config.json", "tokenizer.model", "vocab.json", "merges.txt", "encoder.json", "vocab.bpe",
        "vocab.txt", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "modules.json",
        "config_sentence_transformers.json", "sentence_bert_config.json",
    ]

    /// - Parameter include: patterns (`*Q4_K_M*`) of paths or names of weights; none: all that are no duplicates.
    init(_ model: RemoteModel, _ reference: ModelReference, include: [String]) throws {
        let repository = reference.repository
        let isWanted: (RemoteModel.File) -> Bool = { file in
            include.isEmpty || include.contains { Self.matches($0, file.path) }
        }
        let license = model.files.filter { $0.path.isAtTop && Self.isLicense($0) }
        let tensors = reference.variant == nil ? Self.safetensors(model.files).filter(isWanted) : []
        if !tensors.isEmpty {
            files = tensors + model.files.filter { Self.isBeside($0.path) } + license
            variant = nil
            return
        }
        let sets = try GGUFSet.all(in: model.files)
        guard !sets.isEmpty || !include.isEmpty else {
            let endings = Set(model.files.map { ($0.path.name as NSString).pathExtension }).sorted()
            throw PullError.noWeights(repository: repository, found: endings.map { "." + $0 }.joined(separator: ", "))
        }
        let wanted = sets.filter { set in
            reference.variant.map { $0.lowercased() == set.variant.lowercased() } ?? set.files.contains(where: isWanted)
        }
        guard let set = wanted.first else {
            let patterns = include.joined(separator: ", ")
            throw PullError.noSuchVariant(
                repository: repository, wanted: reference.variant ?? patterns, choices: sets.map(\.description))
        }
        guard wanted.count == 1 else {
            throw PullError.chooseVariant(repository: repository, choices: wanted.map(\.description))
        }
        files = set.files + license
        variant = set.variant
    }

    private static func safetensors(_ files: [RemoteModel.File]) -> [RemoteModel.File] {
        let all = files.filter { $0.path.isAtTop && $0.path.name.hasSuffix(".safetensors") }
        let hasIndex = files.contains { $0.path.text == "model.safetensors.index.json" }
        let single = all.filter { $0.path.text == "model.safetensors" }
        if !hasIndex, !single.isEmpty { return single }
        // Mistral's repositories have the same weights a second time as consolidated.safetensors.
        let others = all.filter { !$0.path.name.hasPrefix("consolidated") && $0.path.text != "model.safetensors" }
        return others.isEmpty ? all : others
    }

    private static func isBeside(_ path: FilePath) -> Bool {
        if path.isAtTop { return sideNames.contains(path.text) }
        // sentence-transformers' 1_Pooling/config.json.
        return path.parts.count == 2 && path.name == "config.json" && path.parts[0].first?.isNumber == true
    }

    private static func isLicense(_ file: RemoteModel.File) -> Bool {
        let name = file.path.name.uppercased()
        return file.size <= 1 << 20 && ["LICENSE", "LICENCE", "NOTICE"].contains { name.hasPrefix($0) }
    }

    private static func matches(_ pattern: String, _ path: FilePath) -> Bool {
        [path.text, path.name].contains { (text: String) in fnmatch(pattern, text, 0) == 0 }
    }
}
