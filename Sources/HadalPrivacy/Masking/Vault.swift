/// What the placeholders of one conversation stand for. Never written to a log: its description holds no value.
public struct Vault: Sendable, CustomStringConvertible {
    private struct Value: Hashable {
        let label: Placeholder.Label
        let bytes: [UInt8]
    }

    private var values: [Placeholder: [UInt8]] = [:]
    private var placeholders: [Value: Placeholder] = [:]
    /// Placeholders that stand in texts of the conversation for themselves.
    private var reserved: Set<Placeholder> = []
    private var last: [Placeholder.Label: Int] = [:]

    public init() {}

    /// How many values there are.
    public var count: Int { values.count }
    public var isEmpty: Bool { values.isEmpty }
    public var description: String { "\(count) masked values" }

    /// What each placeholder stands for, to be kept where only few may read it.
    public var contents: [String: String] {
        Dictionary(uniqueKeysWithValues: values.map { ($0.key.text, String(decoding: $0.value, as: UTF8.self)) })
    }

    var labels: Set<Placeholder.Label> { Set(values.keys.map(\.label)) }

    func value(of placeholder: Placeholder) -> [UInt8]? { values[placeholder] }

    /// Keeps `placeholder` from being used. Without effect where it is in use.
    mutating func reserve(_ placeholder: Placeholder) { reserved.insert(placeholder) }

    /// The placeholder for a value: always the same for the same bytes.
    mutating func placeholder(for bytes: [UInt8], _ label: Placeholder.Label) -> Placeholder {
        let value = Value(label: label, bytes: bytes)
        if let known = placeholders[value] { return known }
        var number = last[label, default: 0] + 1
        while reserved.contains(Placeholder(label: label, number: number)) { number += 1 }
        last[label] = number
        let placeholder = Placeholder(label: label, number: number)
        values[placeholder] = bytes
        placeholders[value] = placeholder
        return placeholder
    }
}
