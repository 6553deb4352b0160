/// Why a tokenizer could not be loaded. Each case names the file and, where there is one, the field in it.
public enum TokenizerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Nothing at `path` that a tokenizer can be made of.
    case notFound(path: String, expected: String)
    /// The file exists but could not be read.
    case unreadable(path: String, problem: String)
    /// The file breaks its own format.
    case malformed(path: String, field: String, problem: String)
    /// A kind of tokenizer, normalizer, pre-tokenizer or decoder that is not known here. Never guessed around: a wrong
    /// guess gives a model that answers nonsense.
    case unsupported(path: String, field: String, value: String)
    case tooLarge(path: String, field: String, value: Int, limit: Int)

    public var description: String {
        switch self {
        case .notFound(let path, let expected): "no tokenizer at \(path): expected \(expected)"
        case .unreadable(let path, let problem): "cannot read \(path): \(problem)"
        case .malformed(let path, let field, let problem): "\(path): \(field): \(problem)"
        case .unsupported(let path, let field, let value): "\(path): \(field): not supported: \(value)"
        case .tooLarge(let path, let field, let value, let limit):
            "\(path): \(field): \(value) is more than the limit \(limit)"
        }
    }
}
