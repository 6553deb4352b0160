import Foundation
import HadalJSON
import TestSupport
import Testing

@testable import HadalPrivacy

/// Recall and precision on the shared data, where it is there. `Benchmarks/privacy` prints the whole table.
@Suite(.enabled(if: SharedData.file("security/pii") != nil, "../shared/data/security/pii is not there"))
struct SharedDataTests {
    private static let kinds: [String: PersonalDataKind] = [
        "CN_ID": .residentID, "CN_MOBILE": .phone, "CN_USCC": .creditCode, "BANK_CARD": .bankCard,
        "CREDIT_CARD": .bankCard,
        "PHONE_NUMBER": .phone, "EMAIL_ADDRESS": .email, "IBAN_CODE": .iban, "US_SSN": .socialSecurityNumber,
        "IP_ADDRESS": .ipAddress,
    ]

    private static func rows(_ name: String) throws -> [JSON.Object] {
        let file = try #require(SharedData.file("security/pii/\(name).jsonl"))
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
            guard case .object(let object) = try JSON(parsing: String(line)) else { return nil }
            return object
        }
    }

    private func text(_ row: JSON.Object, _ key: String) -> String {
        if case .string(let text)? = row[key] { text } else { "" }
    }

    /// Resident identity numbers count as right by their check digit: that a region's code was not in force at birth says
    /// nothing about people who were given their number later.
    @Test func chineseIdentifiersAreFoundIfTheyAreRight() throws {
        for row in try Self.rows("chinese-identifiers") {
            let kind = try #require(Self.kinds[text(row, "type")])
            let isRight = row[text(row, "type") == "CN_ID" ? "checksum_ok" : "valid"] == .bool(true)
            let values = found(text(row, "text")).filter { $0.hasPrefix(kind.rawValue + " ") }
            #expect(values == (isRight ? ["\(kind.rawValue) \(text(row, "value"))"] : []), "\(text(row, "text"))")
        }
    }

    @Test func syntheticSentencesReachNinetySevenPercent() throws {
        var (expected, right, wrong) = (0, 0, 0)
        for row in try Self.rows("presidio-research-synth") {
            var values = found(text(row, "text")).filter { value in
                Self.kinds.values.contains { value.hasPrefix($0.rawValue + " ") }
            }
            guard case .array(let spans)? = row["spans"] else { continue }
            for case .object(let span) in spans {
                guard let kind = Self.kinds[text(span, "type")] else { continue }
                expected += 1
                guard let index = values.firstIndex(of: "\(kind.rawValue) \(text(span, "value"))") else { continue }
                right += 1
                values.remove(at: index)
            }
            wrong += values.count
        }
        #expect(Double(right) >= 0.97 * Double(expected))
        #expect(Double(right) >= 0.97 * Double(right + wrong))
    }
}
