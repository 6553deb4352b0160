import HadalJSON
import Testing

@Suite struct JSONReaderTests {
    private func read<Result>(_ text: String, _ body: (inout JSONReader) throws -> Result) throws -> Result {
        try Array(text.utf8).withUnsafeBytes { try JSON.read($0, body) }
    }

    @Test func membersAndElementsComeInOrder() throws {
        var seen: [String] = []
        try read(#" { "a" : [ 1 , -2 ], "\u00e9\n": "x\ty" , "c": {"d": null} } "#) { reader in
            try reader.forEachMember { name, value in
                seen.append(String(decoding: name, as: UTF8.self))
                switch value.kind {
                case .array: try value.forEachElement { seen.append("\(try $0.int())") }
                case .string:
                    var text = ContiguousArray<UInt8>()
                    try value.string(into: &text)
                    seen.append(String(decoding: text, as: UTF8.self))
                default: seen.append(try value.value().text)
                }
            }
        }
        #expect(seen == ["a", "1", "-2", "é\n", "x\ty", "c", #"{"d":null}"#])
    }

    @Test func emptyContainersHaveNothing() throws {
        try read("[{},[]]") { reader in
            try reader.forEachElement { element in
                if element.kind == .object {
                    try element.forEachMember { _, _ in Issue.record("a member") }
                } else {
                    try element.forEachElement { _ in Issue.record("an element") }
                }
            }
        }
    }

    @Test(arguments: [
        "", "{", "[1,]", "[1 2]", "[1", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{a:1}"#, "[1]]", "[\"\u{01}\"]",
        #"["\x"]"#,
        #"["abc"#,
    ])
    func whatIsNotJSONIsRefused(text: String) {
        #expect(throws: JSONError.self) {
            try read(text) { reader in
                if reader.kind == .object {
                    try reader.forEachMember { _, value in _ = try value.value() }
                } else {
                    try reader.forEachElement { element in
                        if element.kind == .string {
                            var text = ContiguousArray<UInt8>()
                            try element.string(into: &text)
                        } else {
                            _ = try element.value()
                        }
                    }
                }
            }
        }
    }

    @Test func deepNestingIsRefused() {
        func descend(_ reader: inout JSONReader) throws { try reader.forEachElement { try descend(&$0) } }
        #expect(throws: JSONError.self) { try read(String(repeating: "[", count: 100_000)) { try descend(&$0) } }
    }

    @Test func invalidUTF8IsRefused() {
        #expect(throws: JSONError.self) {
            try [0x22, 0xFF, 0x22].withUnsafeBytes { try JSON.read($0) { try $0.value() } }
        }
    }

    @Test func anotherTypeThanExpectedIsRefused() {
        #expect(throws: JSONError.self) { try read("1.5") { try $0.int() } }
        #expect(throws: JSONError.self) { try read("1") { try $0.forEachMember { _, _ in } } }
        #expect(throws: JSONError.self) {
            try read("1") { reader in
                var text = ContiguousArray<UInt8>()
                try reader.string(into: &text)
            }
        }
    }
}
