import Foundation
import HadalCheckpoint
import HadalJSON
import HadalTemplates
import HadalTokenization

/// Finds what belongs to a model beside its weights.
public enum ModelFiles {
    /// The path that a MODEL reference names.
    public static func resolve(_ reference: String) throws(EngineError) -> String {
        if reference == BuiltInModel.name {
            if let path = BuiltInModel.path() { return path }
            throw .noSuchModel(
                reference: reference,
                hint: "the built-in model's file, guide.gguf, is neither beside the program nor in ../share/hadal")
        }
        let path = (reference as NSString).expandingTildeInPath
        if FileManager.default.fileExists(atPath: path) { return path }
        throw .noSuchModel(
            reference: reference,
            hint:
                "there is no such file or directory. Models are named by a directory with config.json and safetensors, by a .gguf file, or by guide, the built-in one; catalogue names and repository ids come with a later version"
        )
    }

    /// The name under which a model is served: the file's or directory's own.
    public static func name(of path: String) -> String {
        let last = URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
        return last.hasSuffix(".gguf") ? String(last.dropLast(5)) : last
    }

    public static func tokenizer(of checkpoint: Checkpoint) throws -> any Tokenizer {
        if let gguf = checkpoint.gguf { return try TokenizerLoader.load(gguf: gguf, path: checkpoint.path) }
        return try TokenizerLoader.load(path: checkpoint.directory?.path ?? checkpoint.path)
    }

    /// Nil for a base model.
    public static func chatFormat(of checkpoint: Checkpoint, tokenizer: any Tokenizer) throws -> ChatFormat? {
        if let gguf = checkpoint.gguf {
            guard let source = gguf.string("tokenizer.chat_template") else { return nil }
            var configuration = JSON.Object([("chat_template", .string(source))])
            for (name, token) in [("bos_token", tokenizer.beginningOfText), ("eos_token", tokenizer.endOfText)] {
                guard let token else { continue }
                configuration[name] = .string(String(decoding: tokenizer.bytes(of: token), as: UTF8.self))
            }
            return try ChatFormat(tokenizerConfiguration: .object(configuration), modelType: "")
        }
        guard let directory = checkpoint.directory else { return nil }
        return try chatFormat(in: directory, modelType: checkpoint.config?["model_type"]?.string ?? "")
    }

    /// From `tokenizer_config.json` and `chat_template.jinja`, which takes precedence.
    public static func chatFormat(in directory: URL, modelType: String) throws -> ChatFormat? {
        let file = directory.appendingPathComponent("tokenizer_config.json")
        var configuration = JSON.object(.init())
        if let data = try? Data(contentsOf: file) { configuration = try JSON(parsing: data) }
        let template = directory.appendingPathComponent("chat_template.jinja")
        if let source = try? String(contentsOf: template, encoding: .utf8), var object = configuration.object {
            object["chat_template"] = .string(source)
            configuration = .object(object)
        }
        return try ChatFormat(tokenizerConfiguration: configuration, modelType: modelType)
    }
}
