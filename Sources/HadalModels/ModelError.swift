/// Why a checkpoint cannot become a model. Never a guess: what is not understood is named.
public enum ModelError: Error, Sendable, Hashable, CustomStringConvertible {
    case noModel
    case unknownArchitecture(String)
    case laterArchitecture(String)
    /// An encoder where a model that writes was asked for, or the reverse.
    case wrongKind(architecture: String, isEncoder: Bool)
    case missingField(String)
    case invalidField(String, found: String, expected: String)
    case missingTensor(String)
    case misshapenTensor(String, shape: [Int], expected: [Int])
    /// Tensors that the architecture as configured has no place for.
    case unusedTensors(count: Int, first: String)
    /// The file or directory in which the error was found.
    indirect case inCheckpoint(String, ModelError)

    public var description: String {
        switch self {
        case .noModel:
            "holds no model (no config.json with a model_type and no GGUF architecture); a vocabulary or loose tensors "
                + "cannot be run"
        case .unknownArchitecture(let name):
            "architecture '\(name)' is not known; known are \(ModelLoader.architectures.joined(separator: ", "))"
        case .laterArchitecture(let name):
            "architecture '\(name)' follows later: DeepSeek-V3.2 and V4 cannot be run yet"
        case .wrongKind(let name, true): "'\(name)' is an encoder: it makes embeddings and writes no text"
        case .wrongKind(let name, false):
            "'\(name)' writes text and makes no embeddings; encoders are bert, roberta and xlm-roberta"
        case .missingField(let field): "the model's configuration lacks \(field)"
        case .invalidField(let field, let found, let expected): "\(field) is \(found); expected \(expected)"
        case .missingTensor(let name): "the checkpoint lacks the tensor \(name)"
        case .misshapenTensor(let name, let shape, let expected):
            "tensor \(name) has shape \(shape) where \(expected) was expected"
        case .unusedTensors(let count, let first):
            "\(count) tensor\(count == 1 ? "" : "s") not known in this architecture, the first \(first); results would be wrong"
        case .inCheckpoint(let path, let error): "\(path): \(error)"
        }
    }
}
