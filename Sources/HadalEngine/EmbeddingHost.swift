import HadalCheckpoint
import HadalCompute
import HadalModels
import HadalTokenization

/// A loaded text encoder with its tokenizer.
public final class EmbeddingHost: Sendable {
    public let name: String
    public let tokenizer: any Tokenizer
    public let encoder: any TextEncoder

    public struct Vector: Sendable {
        public var values: [Float]
        public var tokens: Int
    }

    /// - Parameter options: of which the device and its threads count.
    public init(_ checkpoint: Checkpoint, options: LoadOptions = LoadOptions()) throws {
        name = ModelFiles.name(of: checkpoint.path)
        tokenizer = try ModelFiles.tokenizer(of: checkpoint)
        encoder = try ModelLoader.loadEncoder(checkpoint, device: options.openDevice())
    }

    /// - Throws: `EngineError` for an empty or too long text: nothing is cut off silently.
    public func embed(_ text: String) throws -> Vector { try embed(tokens: tokenizer.encodeWhole(text)) }

    public func embed(tokens: [Int32]) throws -> Vector {
        guard !tokens.isEmpty else { throw EngineError.emptyPrompt }
        guard tokens.count <= encoder.contextLength else {
            throw EngineError.promptTooLong(tokens: tokens.count, limit: encoder.contextLength)
        }
        if let token = tokens.first(where: { $0 < 0 || $0 >= encoder.vocabularySize }) {
            throw EngineError.tokenOutOfRange(token, vocabulary: encoder.vocabularySize)
        }
        return Vector(values: encoder.encode([tokens])[0], tokens: tokens.count)
    }
}
