import Testing

@testable import HadalPrivacy

@Suite struct ResidentIDTests {
    private let number = residentID("11010119900307775")

    @Test func aRightCheckDigitIsEnough() {
        #expect(found(number) == ["resident_id \(number)"])
        #expect(found("客户\(number)已登记") == ["resident_id \(number)"])
        #expect(found("ID\(number)") == ["resident_id \(number)"])
    }

    @Test func anyOtherCheckDigitIsDoubtful() {
        for digit in "0123456789X" where digit != number.last {
            let wrong = String(number.dropLast()) + String(digit)
            #expect(found("身份证号：" + wrong).isEmpty, "\(wrong)")
            #expect(found(wrong, minimum: .doubtful).contains("resident_id \(wrong)"))
        }
    }

    @Test func theCheckCharacterMayBeX() throws {
        let digits = try #require((100...999).map { "11010119900307\($0)" }.first { residentID($0).hasSuffix("X") })
        let number = residentID(digits)
        #expect(found(number) == ["resident_id \(number)"])
        #expect(found(number.lowercased()) == ["resident_id \(number.lowercased())"])
        #expect(found("\(digits.prefix(6)) \(digits.dropFirst(6).prefix(8)) \(digits.suffix(3))X").count == 1)
        #expect(found(number + "a").isEmpty)
    }

    @Test(arguments: [
        "11010119901307775", "11010119900231775", "11010118000307775", "11010119900229775", "10010119900307775",
        "11000119900307775",
    ])
    func datesAndRegionsMustBe(digits: String) {
        #expect(found("身份证 " + residentID(digits)).isEmpty)
    }

    @Test(arguments: [
        "81000019900307775", "82000019900307775", "83000019900307775", "91110119900307775", "11010120000229775",
    ])
    func permitsOfResidenceAndLeapDaysAreFound(digits: String) {
        #expect(found(residentID(digits)).count == 1)
    }

    @Test func itIsNoPartOfALongerNumber() {
        for text in ["1" + number, number + "1", "a" + number, number + "b", "0." + number, number + ".5"] {
            #expect(!found(text).contains("resident_id \(number)"), "\(text)")
        }
    }

    @Test func groupsAreRead() {
        for parts in [[6, 8, 4], [6, 4, 4, 4], [3, 3, 4, 4, 4]] {
            for separator in [" ", "-"] {
                var rest = Substring(number)
                let text = parts.map { length in
                    defer { rest = rest.dropFirst(length) }
                    return String(rest.prefix(length))
                }.joined(separator: separator)
                #expect(found("号码 \(text)。") == ["resident_id \(text)"])
            }
        }
    }

    @Test func theOldFormNeedsAWord() {
        #expect(found("身份证号110101900307775。") == ["resident_id 110101900307775"])
        #expect(found("110101900307775").isEmpty)
        #expect(found("身份证号110101901307775").isEmpty)
    }
}
