import Foundation
import HadalJSON

extension String {
    /// Whether the bytes are the same. Swift's `==` also holds for canonically equivalent texts: a KELVIN SIGN is then a `K`,
    /// and who may choose names at an issuer could take another's.
    func isExactly(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }

    /// Whether no other text is canonically equivalent to it, so that `==` and the bytes agree wherever it goes, and it has
    /// nothing that would change how a line of a log reads.
    var isPlainName: Bool {
        !isEmpty && !unicodeScalars.contains(where: \.changesLines)
            && precomposedStringWithCanonicalMapping.isExactly(self)
    }

    /// Quoted for a message, at most 100 code points of it, and those that would change how a line reads replaced.
    var quotedBriefly: String {
        var brief = String.UnicodeScalarView()
        for scalar in unicodeScalars.prefix(100) { brief.append(scalar.changesLines ? "\u{FFFD}" : scalar) }
        return JSON.quoted(String(brief) + (unicodeScalars.count > 100 ? "…" : ""))
    }
}

extension Unicode.Scalar {
    /// Ends a line, moves a terminal's cursor or turns the direction of writing.
    fileprivate var changesLines: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: properties.isBidiControl
        }
    }
}

extension Sequence where Element == String {
    func containsExactly(_ text: String) -> Bool { contains { $0.isExactly(text) } }
}
