import Foundation
import HadalCheckpoint
import HadalJSON

/// Makes the tokenizer that a model's files describe.
public enum TokenizerLoader {
    /// - Parameters:
    ///   - path: a directory with `tokenizer.json`, or with `vocab.json` and `merges.txt` (also under their older names
    ///     `encoder.json` and `vocab.bpe`), or a `.gguf` file, or a `tokenizer.json` itself. `tokenizer_config.json`
    ///     beside it adds what it knows.
    ///   - preTokenizer: for a vocabulary and merges without a file that says how text is cut: `gpt-2`, `llama-bpe`,
    ///     `qwen2`, `deepseek-llm`, `deepseek-coder` or `deepseek-v3`.
    ///   - opener: for encrypted files.
    public static func load(
        path: String, preTokenizer: String? = nil, opener: FileOpener = .plain
    ) throws(TokenizerError) -> any Tokenizer {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw .notFound(path: path, expected: "a file or directory")
        }
        guard isDirectory.boolValue else {
            if path.hasSuffix(".json") {
                let directory = (path as NSString).deletingLastPathComponent
                return try TokenizerFile(
                    path: path, configuration: try configuration(in: directory, opener), opener: opener
                ).tokenizer()
            }
            return try load(gguf: try open(path, opener), path: path)
        }
        let configuration = try configuration(in: path, opener)
        let file = path + "/tokenizer.json"
        if FileManager.default.fileExists(atPath: file) {
            return try TokenizerFile(path: file, configuration: configuration, opener: opener).tokenizer()
        }
        for (vocabulary, merges) in [("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe")] {
            let pair = VocabularyAndMerges(
                vocabularyPath: "\(path)/\(vocabulary)", mergesPath: "\(path)/\(merges)", configuration: configuration,
                preTokenizerName: preTokenizer, opener: opener)
            if pair.exists { return try pair.tokenizer() }
        }
        throw .notFound(path: path, expected: "tokenizer.json, or vocab.json and merges.txt")
    }

    /// - Parameter path: what errors name.
    public static func load(gguf metadata: GGUFMetadata, path: String = "GGUF") throws(TokenizerError) -> any Tokenizer
    {
        try GGUFVocabulary(metadata: metadata, path: path).tokenizer()
    }

    private static func open(_ path: String, _ opener: FileOpener) throws(TokenizerError) -> GGUFMetadata {
        do throws(CheckpointError) { return try GGUFFile.open(path: path, opener: opener).metadata } catch {
            throw .unreadable(path: path, problem: "\(error)")
        }
    }

    private static func configuration(
        in directory: String, _ opener: FileOpener
    ) throws(TokenizerError) -> TokenizerConfiguration {
        let path = (directory.isEmpty ? "." : directory) + "/tokenizer_config.json"
        guard FileManager.default.fileExists(atPath: path) else { return TokenizerConfiguration() }
        return try TokenizerConfiguration(try readJSON(path, opener), path: path)
    }

    /// More than the largest tokenizer.json that is known (34 MB).
    static let bytesMax = 256 << 20

    static func readBytes(_ path: String, _ opener: FileOpener) throws(TokenizerError) -> MappedFile {
        let file: MappedFile
        do throws(CheckpointError) { file = try opener.open(path) } catch {
            throw .unreadable(path: path, problem: "\(error)")
        }
        guard file.bytes.count <= bytesMax else {
            throw .tooLarge(path: path, field: "size", value: file.bytes.count, limit: bytesMax)
        }
        return file
    }

    static func readJSON(_ path: String, _ opener: FileOpener) throws(TokenizerError) -> JSON {
        try readJSON(path, opener) { (reader) throws(JSONError) in try reader.value() }
    }

    /// Reads a file without making a tree of all of it.
    static func readJSON<Result>(
        _ path: String, _ opener: FileOpener, _ body: (inout JSONReader) throws -> Result
    ) throws(TokenizerError) -> Result {
        let file = try readBytes(path, opener)
        do {
            return try JSON.read(file.bytes, body)
        } catch let error as JSONError {
            throw .malformed(path: path, field: "byte \(error.offset)", problem: "invalid JSON: \(error.problem)")
        } catch {
            throw .unreadable(path: path, problem: "\(error)")
        }
    }
}
