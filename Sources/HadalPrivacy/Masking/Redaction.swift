/// Replaces values by what kind of value they were.
enum Redaction {
    static func text(of kind: PersonalDataKind) -> String { "[\(kind.label)]" }

    /// - Parameters:
    ///   - replacements: disjoint, in the order of the text.
    ///   - part: what of the text is written; `nil` for all.
    static func rewrite(
        _ text: [UInt8], _ replacements: [(range: Range<Int>, text: String)], in part: Range<Int>? = nil
    ) -> [UInt8] {
        let part = part ?? text.indices
        guard part.count < text.count || !replacements.isEmpty else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(part.count)
        var place = part.lowerBound
        for replacement in replacements {
            result += text[place..<replacement.range.lowerBound]
            result += replacement.text.utf8
            place = replacement.range.upperBound
        }
        return result + text[place..<part.upperBound]
    }
}
