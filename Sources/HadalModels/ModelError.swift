/// Why a checkpoint cannot become a model. Never a guess: what is not understood is named.
public enum ModelError: Error, Sendable, Hashable, CustomStringConvertible {
    case noModel(path: String)
    case unknownArchitecture(String)
    case laterArchitecture(String)
    case noEncoder(String)
    case missingField(String)
    case invalidField(String, found: String, expected: String)
    case missingTensor(String)
    case misshapenTensor(String, shape: [Int], expected: [Int])

    public var description: String {
        switch self {
        case .noModel(let path):
            "\(path): holds no model (no config.json and no GGUF architecture); a vocabulary or loose tensors cannot be run"
        case .unknownArchitecture(let name):
            "architecture '\(name)' is not known; known are \(ModelLoader.architectures.joined(separator: ", "))"
        case .laterArchitecture(let name):
            "architecture '\(name)' is not supported yet; it comes with a later version"
        case .noEncoder(let name):
            "architecture '\(name)' gives text, not vectors; encoders are \(ModelLoader.encoders.joined(separator: ", "))"
        case .missingField(let field): "the model's configuration lacks \(field)"
        case .invalidField(let field, let found, let expected): "\(field) is \(found); expected \(expected)"
        case .missingTensor(let name): "the checkpoint lacks the tensor \(name)"
        case .misshapenTensor(let name, let shape, let expected):
            "tensor \(name) has shape \(shape) where \(expected) was expected"
        }
    }
}
