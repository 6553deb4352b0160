import Foundation
import HadalJSON
import HadalPrivacy

/// A text with the places that must be found in it; offsets in UTF-8.
struct Case {
    var source: String
    var text: String
    /// What must be found. The range is `nil` where the data only says how many there are.
    var expected: [(type: String, range: Range<Int>?)]
    /// What findings here are counted for, where they fit nothing that was expected; `nil`: by their kind.
    var type: String?
}

enum Cases {
    static let kinds: [String: PersonalDataKind] = [
        "CN_ID": .residentID, "CN_MOBILE": .phone, "CN_USCC": .creditCode, "BANK_CARD": .bankCard,
        "CREDIT_CARD": .bankCard, "PHONE_NUMBER": .phone, "EMAIL_ADDRESS": .email, "IBAN_CODE": .iban,

        "US_SSN": .socialSecurityNumber,
        "IP_ADDRESS": .ipAddress, "CRYPTO": .wallet,
    ]

    static func lines(_ file: URL) throws -> [JSON.Object] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
            guard case .object(let object) = try JSON(parsing: String(line)) else { return nil }
            return object
        }
    }

    /// - Parameter byCheckDigit: whether a resident identity number is right by its check digit alone; else its region's
    ///   code must also have been in force at the birth date.
    static func chinese(_ directory: URL, byCheckDigit: Bool) throws -> [Case] {
        try lines(directory.appendingPathComponent("chinese-identifiers.jsonl")).map { row in
            let (text, type) = (row.text("text"), row.text("type"))
            let isRight = row.flag(byCheckDigit && type == "CN_ID" ? "checksum_ok" : "valid")
            let range = text.bytes(row.number("start")..<row.number("end"))
            return Case(source: "chinese-identifiers", text: text, expected: isRight ? [(type, range)] : [], type: type)
        }
    }

    /// Of the recognizers for kinds that are looked for.
    static func recognizers(_ directory: URL) throws -> [Case] {
        try lines(directory.appendingPathComponent("presidio-recognizer-cases.jsonl")).compactMap { row in
            guard case .array(let entities)? = row["entities"], case .string(let type)? = entities.first,
                kinds[type] != nil
            else {
                return nil
            }
            let text = row.text("text")
            var expected: [(String, Range<Int>?)] = []
            if case .array(let positions)? = row["expected_positions"] {
                for case .array(let pair) in positions {
                    guard case .int(let start) = pair[0], case .int(let end) = pair[1] else { continue }
                    expected.append((type, text.bytes(Int(start)..<Int(end))))
                }
            }
            while expected.count < row.number("expected_len") { expected.append((type, nil)) }
            return Case(source: "presidio recognizers", text: text, expected: expected, type: type)
        }
    }

    static func synthetic(_ directory: URL) throws -> [Case] {
        try lines(directory.appendingPathComponent("presidio-research-synth.jsonl")).map { row in
            let text = row.text("text")
            var expected: [(String, Range<Int>?)] = []
            if case .array(let spans)? = row["spans"] {
                for case .object(let span) in spans where kinds[span.text("type")] != nil {
                    expected.append((span.text("type"), text.bytes(span.number("start")..<span.number("end"))))
                }
            }
            return Case(source: "presidio synthetic", text: text, expected: expected, type: nil)
        }
    }
}

extension JSON.Object {
    func text(_ key: String) -> String { if case .string(let text)? = self[key] { text } else { "" } }
    func number(_ key: String) -> Int { if case .int(let number)? = self[key] { Int(number) } else { 0 } }
    func flag(_ key: String) -> Bool { if case .bool(let flag)? = self[key] { flag } else { false } }
}

extension String {
    /// Offsets in characters (Unicode scalars) as offsets in UTF-8.
    func bytes(_ range: Range<Int>) -> Range<Int> {
        let lengths = unicodeScalars.map { UTF8.width($0) }
        let start = lengths.prefix(range.lowerBound).reduce(0, +)
        return start..<start + lengths.dropFirst(range.lowerBound).prefix(range.count).reduce(0, +)
    }
}
