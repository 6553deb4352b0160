import Foundation
import HadalJSON

/// The body of a worker's `POST /embed`.
public struct EmbedRequest: Sendable, Hashable {
    public var id: String
    public var inputs: [PlainPrompt]

    public init(id: String, inputs: [PlainPrompt]) {
        self.id = id
        self.inputs = inputs
    }

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        id = try fields.requiredString("id")
        guard let elements = try fields.array("inputs", limit: EmbeddingRequest.inputsLimit) else {
            throw .missing(field: "inputs")
        }
        inputs = []
        for (index, element) in elements.enumerated() {
            var input = try FieldReader(element, at: "inputs[\(index)]")
            if let text = try input.string("text") {
                inputs.append(.text(text))
            } else {
                inputs.append(.tokens(try input.required("tokens").tokens(at: input.field("tokens"))))
            }
            try input.finish()
        }
        try fields.finish()
    }

    public var json: JSON {
        ["id": .string(id), "inputs": .array(inputs.map { .compact([$0.member]) })]
    }
}

/// A worker's answer to `POST /embed`, one vector an input.
public struct Embeddings: Sendable, Hashable {
    /// Numbers as they travel: base64 of little-endian float32, which clients may ask for too.
    public struct Vector: Sendable, Hashable {
        public var base64: String

        public init(base64: String) { self.base64 = base64 }

        public init(_ floats: [Float]) {
            var data = Data(capacity: floats.count * 4)
            for float in floats { withUnsafeBytes(of: float.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
            base64 = data.base64EncodedString()
        }

        public var floats: [Float] {
            guard let data = Data(base64Encoded: base64) else { return [] }
            return data.withUnsafeBytes { bytes in
                (0..<bytes.count / 4).map { index in
                    Float(
                        bitPattern: UInt32(
                            littleEndian: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
                }
            }
        }
    }

    public var vectors: [Vector]
    public var promptTokens: Int

    /// Only the first so many numbers of each vector, brought to length 1 again: what models trained for it (Matryoshka
    /// representations, arXiv:2205.13147) give as a shorter vector.
    /// - Throws: `WireError` where there are fewer.
    public func cut(to dimensions: Int?) throws(WireError) -> Embeddings {
        guard let dimensions else { return self }
        var shorter = self
        for index in vectors.indices {
            let floats = vectors[index].floats
            guard dimensions <= floats.count else {
                throw .outOfRange(field: "dimensions", expected: "at most \(floats.count)")
            }
            let first = floats.prefix(dimensions)
            let length = first.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            shorter.vectors[index] = Vector(first.map { length > 0 ? Float(Double($0) / length) : $0 })
        }
        return shorter
    }

    public init(vectors: [Vector], promptTokens: Int) {
        self.vectors = vectors
        self.promptTokens = promptTokens
    }

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        vectors = []
        for (index, element) in (try fields.array("vectors", limit: EmbeddingRequest.inputsLimit) ?? []).enumerated() {
            guard let text = element.string else {
                throw .wrongType(field: "vectors[\(index)]", expected: "a string")
            }
            vectors.append(Vector(base64: text))
        }
        promptTokens = try fields.int("prompt_tokens", in: 0...Int(Int32.max)) ?? 0
    }

    public var json: JSON {
        [
            "vectors": .array(vectors.map { .string($0.base64) }), "prompt_tokens": .int(Int64(promptTokens)),
        ]
    }
}
