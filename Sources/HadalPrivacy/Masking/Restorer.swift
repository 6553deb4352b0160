import HadalJSON

/// Puts values back into an answer as it comes, wherever it was cut: bytes that may still become a placeholder are held
/// back (fewer than 100), all others go on at once. Placeholders that stand for nothing stay as they are.
public struct Restorer: Sendable {
    /// How a value is written.
    public enum Encoding: Sendable {
        case plain
        /// Within a string of JSON, as in the arguments of a tool call.
        case json
    }

    private let vault: Vault
    private let encoding: Encoding
    private let reader: PlaceholderReader
    private var held: [UInt8] = []

    public init(vault: Vault, encoding: Encoding = .plain) {
        self.vault = vault
        self.encoding = encoding
        reader = PlaceholderReader(labels: vault.labels)
    }

    /// Takes the next piece of the answer.
    /// - Returns: what is certain by now.
    public mutating func restore(_ piece: some Sequence<UInt8>) -> [UInt8] {
        if vault.isEmpty { return Array(piece) }
        held += piece
        return release(isLast: false)
    }

    public mutating func restore(_ piece: String) -> String { String(decoding: restore(piece.utf8), as: UTF8.self) }

    /// What was held back when the answer ended.
    public mutating func finish() -> [UInt8] { release(isLast: true) }

    /// The whole of an answer at once.
    public static func restore(_ text: String, from vault: Vault, encoding: Encoding = .plain) -> String {
        var restorer = Restorer(vault: vault, encoding: encoding)
        return String(decoding: restorer.restore(text.utf8) + restorer.finish(), as: UTF8.self)
    }

    private mutating func release(isLast: Bool) -> [UInt8] {
        var result: [UInt8] = []
        var place = 0
        var copied = 0
        while let start = PlaceholderReader.nextStart(in: held, from: place) {
            switch reader.read(held, at: start) {
            case .none: place = start + 1
            case .placeholder(let placeholder, let end):
                place = end
                guard let value = vault.value(of: placeholder) else { continue }
                result += held[copied..<start]
                result += encoded(value)
                copied = end
            case .incomplete:
                if isLast {
                    place = start + 1
                } else {
                    result += held[copied..<start]
                    held.removeFirst(start)
                    return result
                }
            }
        }
        result += held[copied...]
        held.removeAll(keepingCapacity: true)
        return result
    }

    private func encoded(_ value: [UInt8]) -> [UInt8] {
        switch encoding {
        case .plain: value
        case .json: Array(JSON.string(String(decoding: value, as: UTF8.self)).text.utf8.dropFirst().dropLast())
        }
    }
}
