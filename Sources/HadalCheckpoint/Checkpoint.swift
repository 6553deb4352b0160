import Foundation
import HadalJSON

/// A model as it lies on disk: its tensors, memory-mapped and checked, and what describes them.
public struct Checkpoint: Sendable {
    public enum Source: String, Sendable {
        case gguf, safetensors
    }

    /// What was opened: a directory or a file.
    public let path: String
    public let source: Source
    public let tensors: [String: Tensor]
    /// Names in the order of the files.
    public let tensorOrder: [String]
    /// Of a single `.gguf` file.
    public let gguf: GGUFMetadata?
    /// `config.json`, of a directory.
    public let config: JSON?
    /// `generation_config.json`, of a directory that has one.
    public let generationConfig: JSON?
    /// Where tokenizer files lie; nil for a single file.
    public let directory: URL?
    /// Every mapped file, once.
    public let files: [MappedFile]
    /// How the files beside the weights are opened too.
    public let opener: FileOpener

    /// - Parameter path: a directory with `config.json` and safetensors files or a packed `model.gguf`, a `.gguf` file (the first of a split
    ///   set), or a single `.safetensors` file.
    /// - Parameter opener: for encrypted files.
    public static func open(_ path: String, opener: FileOpener = .plain) throws(CheckpointError) -> Checkpoint {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw .unreadable(file: path, reason: "no such file or directory")
        }
        return isDirectory.boolValue ? try directory(path, opener) : try file(path, opener)
    }

    /// A tensor that has to be there.
    public func tensor(_ name: String) throws(CheckpointError) -> Tensor {
        guard let tensor = tensors[name] else { throw .missing(place: path, item: "tensor \(name)") }
        return tensor
    }

    /// Bytes of all tensors.
    public var byteCount: Int { tensors.values.reduce(0) { $0 + $1.data.count } }

    private static func directory(_ path: String, _ opener: FileOpener) throws(CheckpointError) -> Checkpoint {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard let config = try JSONFile.readIfPresent(path + "/config.json", opener) else {
            throw .missing(place: path, item: "config.json (a model's directory has one, and safetensors files)")
        }
        guard config.object != nil else {
            throw .invalid(file: path + "/config.json", item: "text", offset: 0, problem: "no JSON object")
        }
        let packed = path + "/" + Packer.fileName
        let isPacked = FileManager.default.fileExists(atPath: packed)
        let (tensors, files) =
            if isPacked {
                try packedTensors(packed, opener)
            } else {
                try SafetensorsDirectory.open(path, opener)
            }
        return Checkpoint(
            path: path, source: isPacked ? .gguf : .safetensors, tensors: tensors, files: files, config: config,
            generationConfig: try JSONFile.readIfPresent(path + "/generation_config.json", opener),
            directory: URL(fileURLWithPath: path, isDirectory: true), opener: opener)
    }

    /// Names are those of Hugging Face, and what describes the model lies beside the file.
    private static func packedTensors(
        _ path: String, _ opener: FileOpener
    ) throws(CheckpointError) -> ([Tensor], [MappedFile]) {
        let gguf = try GGUFFile.open(path: path, opener: opener)
        return (gguf.tensors, gguf.files)
    }

    private static func file(_ path: String, _ opener: FileOpener) throws(CheckpointError) -> Checkpoint {
        let file = try opener.open(path)
        let name = FileOpener.plainName(path)
        if file.bytes.starts(with: "GGUF".utf8) || name.hasSuffix(".gguf") {
            let gguf = try GGUFFile(file, opener)
            return Checkpoint(
                path: path, source: .gguf, tensors: gguf.tensors, files: gguf.files, gguf: gguf.metadata,
                opener: opener)
        }
        guard name.hasSuffix(".safetensors") else {
            throw .unsupported(
                file: path, item: "file", offset: 0, reason: "neither GGUF nor safetensors, by content and by name")
        }
        return Checkpoint(
            path: path, source: .safetensors, tensors: try SafetensorsFile(file).tensors, files: [file], opener: opener)
    }

    /// The names in `tensors` are unique.
    private init(
        path: String, source: Source, tensors: [Tensor], files: [MappedFile], gguf: GGUFMetadata? = nil,
        config: JSON? = nil, generationConfig: JSON? = nil, directory: URL? = nil, opener: FileOpener
    ) {
        self.path = path
        self.source = source
        self.tensors = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
        tensorOrder = tensors.map(\.name)
        self.gguf = gguf
        self.config = config
        self.generationConfig = generationConfig
        self.directory = directory
        self.files = files
        self.opener = opener
    }
}
