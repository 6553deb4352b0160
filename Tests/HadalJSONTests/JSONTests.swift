import HadalJSON
import Testing

@Suite struct JSONTests {
    @Test func membersKeepTheirOrder() throws {
        let text = #"{"z":1,"a":{"y":[true,null,-2.5],"b":"x"}}"#
        #expect(try JSON(parsing: text).text == text)
    }

    @Test(arguments: [
        (#""\u00e9\n\ud83d\ude00""#, "é\n😀"), (#""\/\\\"""#, "/\\\""), ("\"深度\"", "深度"),
    ])
    func stringsAreUnescaped(text: String, expected: String) throws {
        #expect(try JSON(parsing: text).string == expected)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,}", "01", "1.", "+1", "nul", "\"\u{01}\"", "\"\\ud800\"", "\"\\x\"", "[1] 2",
        "{\"a\":1,\"a\":2}", "1e999", "'a'", "\"abc",
    ])
    func whatIsNotJSONIsRefused(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test func invalidUTF8IsRefusedWithItsOffset() {
        #expect(throws: JSONError(offset: 2, problem: "invalid UTF-8 in a string")) {
            try JSON(parsing: [0x5B, 0x22, 0xFF, 0x22, 0x5D])
        }
    }

    @Test func namesAreComparedByTheirBytes() throws {
        let object = try #require(try JSON(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}").object)
        #expect(object.count == 2)
        #expect(object["\u{E9}"] == 1 && object["e\u{301}"] == 2)
    }

    @Test func deepNestingIsRefused() {
        #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: "[", count: 100_000)) }
        #expect(throws: Never.self) {
            try JSON(parsing: String(repeating: "[", count: 100) + String(repeating: "]", count: 100))
        }
    }

    @Test func numbersKeepTheirKind() throws {
        #expect(try JSON(parsing: "9007199254740993") == .int(9_007_199_254_740_993))
        #expect(try JSON(parsing: "1.0") == .double(1))
        #expect(try JSON(parsing: "1e2").int == 100)
        #expect(try JSON(parsing: "92233720368547758080").double == 9.223372036854775808e19)
    }
}
