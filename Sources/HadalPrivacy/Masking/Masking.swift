/// Replaces values of a conversation by placeholders that do not occur in it otherwise.
public struct Masking: Sendable {
    private static let reader = PlaceholderReader(labels: Placeholder.Label.all)

    public private(set) var vault: Vault

    public init(vault: Vault = Vault()) { self.vault = vault }

    /// Makes sure that nothing in `text`, which goes to the model as it is (a system prompt, descriptions of tools), is
    /// ever taken for a placeholder. To be called before anything is masked.
    public mutating func reserve(_ text: String) {
        for (placeholder, _) in Self.placeholders(in: Array(text.utf8)) { vault.reserve(placeholder) }
    }

    /// `text` with each of `findings` (disjoint, in its order) replaced by its placeholder.
    public mutating func mask(_ text: String, _ findings: [Finding]) -> String {
        let items = findings.map { PrivacyVerdict.Item(finding: $0, action: .mask) }
        return String(decoding: rewrite(Array(text.utf8), items), as: UTF8.self)
    }

    /// Applies `mask` and `redact`. Text that looks like a placeholder in use is masked too, so that the answer has it
    /// as it was; one that is not in use will not be used.
    mutating func rewrite(_ text: [UInt8], _ items: [PrivacyVerdict.Item]) -> [UInt8] {
        let lookalikes = Self.placeholders(in: text)
        for (placeholder, _) in lookalikes { vault.reserve(placeholder) }
        var replacements: [(range: Range<Int>, text: String)] = []
        var rest = lookalikes[...]
        for item in items where item.action == .mask || item.action == .redact {
            let range = item.finding.range
            escape(&rest, before: range.lowerBound, in: text, &replacements)
            rest = rest.drop { $0.range.lowerBound < range.upperBound }
            replacements.append((range, replacement(for: item, in: text)))
        }
        escape(&rest, before: text.count + 1, in: text, &replacements)
        return Redaction.rewrite(text, replacements)
    }

    private mutating func replacement(for item: PrivacyVerdict.Item, in text: [UInt8]) -> String {
        let kind = item.finding.kind
        if item.action == .redact { return Redaction.text(of: kind) }
        return vault.placeholder(for: Array(text[item.finding.range]), .kind(kind)).text
    }

    /// Replaces those that end up to `limit` and are in use for something else.
    private mutating func escape(
        _ lookalikes: inout ArraySlice<(placeholder: Placeholder, range: Range<Int>)>, before limit: Int,
        in text: [UInt8],
        _ replacements: inout [(range: Range<Int>, text: String)]
    ) {
        while let (placeholder, range) = lookalikes.first, range.upperBound <= limit {
            lookalikes.removeFirst()
            guard vault.value(of: placeholder) != nil else { continue }
            replacements.append((range, vault.placeholder(for: Array(text[range]), .text).text))
        }
    }

    private static func placeholders(in text: [UInt8]) -> [(placeholder: Placeholder, range: Range<Int>)] {
        var found: [(Placeholder, Range<Int>)] = []
        var place = 0
        while let start = PlaceholderReader.nextStart(in: text, from: place) {
            place = start + 1
            if case .placeholder(let placeholder, let end) = reader.read(text, at: start) {
                found.append((placeholder, start..<end))
                place = end
            }
        }
        return found
    }
}
