import Foundation
import HadalCheckpoint
import HadalJSON
import HadalStore
import HadalTemplates
import HadalTokenization

/// Finds what belongs to a model beside its weights.
public enum ModelFiles {
    /// The path that a MODEL reference names: that of the built-in model, a path itself, or that of a model that
    /// `hadal pull` has fetched, by its tag or name.
    public static func resolve(_ reference: String, store: ModelStore = ModelStore()) throws(EngineError) -> String {
        if reference == BuiltInModel.name {
            if let path = BuiltInModel.path() { return path }
            throw .noSuchModel(
                reference: reference,
                hint: "the built-in model's file, guide.gguf, is neither beside the program nor in ../share/hadal")
        }
        let path = (reference as NSString).expandingTildeInPath
        if FileManager.default.fileExists(atPath: path) { return path }
        do throws(StoreError) {
            if let manifest = try store.find(reference) { return store.entry(manifest) }
        } catch {
            throw .noSuchModel(reference: reference, hint: "\(error)")
        }
        if (try? ModelReference(reference)) != nil {
            throw .noSuchModel(
                reference: reference,
                hint: "there is no such file or directory, and no such model in \(store.directory); "
                    + "fetch it with: hadal pull \(reference)")
        }
        throw .noSuchModel(
            reference: reference,
            hint:
                "there is no such file or directory. Models are named by a directory with config.json and safetensors, "
                + "by a .gguf file, by guide, the built-in one, or by the name or tag of one that was pulled (hadal models)"
        )
    }

    /// The name under which a model is served: the file's or directory's own, `r1` for `r1.gguf` and `r1.gguf.enc`.
    public static func name(of path: String) -> String {
        let last = URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
        let plain = FileOpener.plainName(last)
        return plain.hasSuffix(".gguf") ? String(plain.dropLast(5)) : last
    }

    public static func tokenizer(of checkpoint: Checkpoint) throws -> any Tokenizer {
        if let gguf = checkpoint.gguf { return try TokenizerLoader.load(gguf: gguf, path: checkpoint.path) }
        return try TokenizerLoader.load(
            path: checkpoint.directory?.path ?? checkpoint.path, opener: checkpoint.opener)
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
        return try chatFormat(
            in: directory, modelType: checkpoint.config?["model_type"]?.string ?? "", opener: checkpoint.opener)
    }

    /// From `tokenizer_config.json` and `chat_template.jinja`, which takes precedence.
    public static func chatFormat(
        in directory: URL, modelType: String, opener: FileOpener = .plain
    ) throws -> ChatFormat? {
        var configuration = JSON.object(.init())
        if let file = try opener.openIfPresent(directory.path + "/tokenizer_config.json") {
            configuration = try JSON(parsing: file.bytes)
        }
        if let file = try opener.openIfPresent(directory.path + "/chat_template.jinja"),
            var object = configuration.object
        {
            guard let source = String(validating: file.bytes, as: UTF8.self) else {
                throw CheckpointError.invalid(file: file.path, item: "text", offset: 0, problem: "it is not UTF-8")
            }
            object["chat_template"] = .string(source)
            configuration = .object(object)
        }
        return try ChatFormat(tokenizerConfiguration: configuration, modelType: modelType)
    }
}
