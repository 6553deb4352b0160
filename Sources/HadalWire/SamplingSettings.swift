import HadalJSON

/// How tokens are to be drawn, as far as the request says so; what is nil follows the model's own defaults.
public struct SamplingSettings: Sendable, Hashable {
    public var temperature: Double?
    public var topP: Double?
    /// 0: off.
    public var topK: Int?
    public var minP: Double?
    public var typicalP: Double?
    public var repetitionPenalty: Double?
    public var frequencyPenalty: Double?
    public var presencePenalty: Double?
    /// Added to the logits of single tokens, -100…100.
    public var logitBias: [Int32: Double] = [:]
    public var seed: UInt64?

    public init() {}

    public static let logitBiasLimit = 1024

    /// Takes the sampling fields out of a request; the gateway's clients and the worker's gateway write them alike.
    init(_ fields: inout FieldReader) throws(WireError) {
        temperature = try fields.number("temperature", in: 0...2)
        topP = try fields.number("top_p", in: 0...1)
        // vLLM's clients write -1 for off.
        topK = try fields.int("top_k", in: -1...Int(Int32.max)).map { max($0, 0) }
        minP = try fields.number("min_p", in: 0...1)
        typicalP = try fields.number("typical_p", in: 0...1)
        repetitionPenalty = try fields.number("repetition_penalty", in: 0.01...100)
        frequencyPenalty = try fields.number("frequency_penalty", in: -2...2)
        presencePenalty = try fields.number("presence_penalty", in: -2...2)
        logitBias = try Self.logitBias(&fields)
        seed = try fields.int("seed", in: Int.min...Int.max).map { UInt64(bitPattern: Int64($0)) }
    }

    private static func logitBias(_ fields: inout FieldReader) throws(WireError) -> [Int32: Double] {
        guard let value = fields.value("logit_bias") else { return [:] }
        let path = fields.field("logit_bias")
        guard let object = value.object else {
            throw .wrongType(field: path, expected: "an object of token ids and numbers")
        }
        guard object.count <= logitBiasLimit else {
            throw .outOfRange(field: path, expected: "an object of at most \(logitBiasLimit) members")
        }
        var biases: [Int32: Double] = [:]
        for (key, value) in object.members {
            guard let token = Int32(key), token >= 0 else {
                throw .wrongType(field: "\(path).\(key)", expected: "a token id as the name")
            }
            guard let bias = value.double else { throw .wrongType(field: "\(path).\(key)", expected: "a number") }
            guard (-100...100).contains(bias) else {
                throw .outOfRange(field: "\(path).\(key)", expected: "between -100 and 100")
            }
            biases[token] = bias
        }
        return biases
    }

    /// Takes from others what is nil here.
    mutating func fill(from others: SamplingSettings) {
        temperature = temperature ?? others.temperature
        topP = topP ?? others.topP
        topK = topK ?? others.topK
        minP = minP ?? others.minP
        typicalP = typicalP ?? others.typicalP
        repetitionPenalty = repetitionPenalty ?? others.repetitionPenalty
        frequencyPenalty = frequencyPenalty ?? others.frequencyPenalty
        presencePenalty = presencePenalty ?? others.presencePenalty
        seed = seed ?? others.seed
    }

    /// The members of a worker's request.
    var members: [(String, JSON?)] {
        let bias = logitBias.sorted { $0.key < $1.key }.map { (String($0.key), JSON.double($0.value)) }
        return [
            ("temperature", temperature.map(JSON.double)), ("top_p", topP.map(JSON.double)),
            ("top_k", topK.map { .int(Int64($0)) }), ("min_p", minP.map(JSON.double)),
            ("typical_p", typicalP.map(JSON.double)), ("repetition_penalty", repetitionPenalty.map(JSON.double)),
            ("frequency_penalty", frequencyPenalty.map(JSON.double)),
            ("presence_penalty", presencePenalty.map(JSON.double)),
            ("logit_bias", bias.isEmpty ? nil : .object(JSON.Object(bias))),
            ("seed", seed.map { .int(Int64(bitPattern: $0)) }),
        ]
    }
}

/// Where generation ends, beside the model's own end-of-text tokens.
public struct StopSettings: Sendable, Hashable {
    public static let textsLimit = 16
    public static let textBytesLimit = 1024
    public static let tokensLimit = 256

    /// Generation ends before these texts; nil: the request does not say.
    public var texts: [String]?
    public var tokens: Set<Int32> = []
    /// Whether the model's end-of-text tokens are taken for text like others.
    public var ignoresEndOfText = false

    public init() {}

    /// `stop` (a string or an array of them), `stop_token_ids`, `ignore_eos`.
    init(_ fields: inout FieldReader) throws(WireError) {
        try self.init(&fields, texts: "stop")
        if let value = fields.value("stop_token_ids") {
            let path = fields.field("stop_token_ids")
            let ids = try value.tokens(at: path)
            guard ids.count <= Self.tokensLimit else {
                throw .outOfRange(field: path, expected: "at most \(Self.tokensLimit) token ids")
            }
            tokens = Set(ids)
        }
        ignoresEndOfText = try fields.bool("ignore_eos") ?? false
    }

    /// The texts alone, under the name that a protocol has for them.
    init(_ fields: inout FieldReader, texts name: String) throws(WireError) {
        if let value = fields.value(name) {
            let path = fields.field(name)
            let elements: [JSON]
            switch value {
            case .string: elements = [value]
            case .array(let values): elements = values
            default: throw .wrongType(field: path, expected: "a string or an array of strings")
            }
            guard elements.count <= Self.textsLimit else {
                throw .outOfRange(field: path, expected: "at most \(Self.textsLimit) strings")
            }
            var texts: [String] = []
            for (index, element) in elements.enumerated() {
                guard let text = element.string else {
                    throw .wrongType(field: "\(path)[\(index)]", expected: "a string")
                }
                guard (1...Self.textBytesLimit).contains(text.utf8.count) else {
                    throw .outOfRange(
                        field: "\(path)[\(index)]", expected: "1 to \(Self.textBytesLimit) bytes long")
                }
                texts.append(text)
            }
            self.texts = texts
        }
    }

    var members: [(String, JSON?)] {
        [
            ("stop", texts.map { .array($0.map(JSON.string)) }),
            ("stop_token_ids", tokens.isEmpty ? nil : .array(tokens.sorted().map { .int(Int64($0)) })),
            ("ignore_eos", ignoresEndOfText ? true : nil),
        ]
    }
}
