import Foundation
import TestSupport
import Testing

@testable import HadalConfiguration

@Suite struct YAMLTests {
    private func read(_ text: String) -> (root: YAMLNode?, problems: [String]) {
        let (root, problems) = YAMLReader.read(text) { .file(path: "f", line: $0, column: $1) }
        return (root, problems.map(\.description))
    }

    private func text(_ yaml: String) -> String { read(yaml).root?.plain ?? "\(read(yaml).problems)" }

    @Test(arguments: [
        ("a: &x 1\nb: *x", "{a=1,b=1}"),
        ("a: &x {k: &y [1, 2], l: *y}\nb: [*x, *y]", "{a={k=[1,2],l=[1,2]},b=[{k=[1,2],l=[1,2]},[1,2]]}"),
        ("a: &x\n  k: 1\nb: *x\nc: &x 2\nd: *x", "{a={k=1},b={k=1},c=2,d=2}"),
        ("a: &x {k: 1, l: 2}\nb: {<<: *x, l: 3, m: 4}", "{a={k=1,l=2},b={l=3,m=4,k=1}}"),
        ("a: &x {k: 1}\nb: &y {k: 2, l: 2}\nc: {<<: [*x, *y]}", "{a={k=1},b={k=2,l=2},c={k=1,l=2}}"),
        ("a: &x 'q'\nb: *x\n", "{a=q,b=q}"), ("a: {b: &x 1, c: *x }", "{a={b=1,c=1}}"),
        ("'<<': 1", "{<<=1}"), ("a: &x-1_Y z\nb: *x-1_Y", "{a=z,b=z}"), ("a:\n- 1\n- 2", "{a=[1,2]}"),
    ])
    func anchorsAndAliasesAndMergesAreResolved(yaml: String, expected: String) { #expect(text(yaml) == expected) }

    @Test(arguments: [
        ("a: x*y&z", "x*y&z"), ("a: \"*x &y !*z !&\"", "*x &y !*z !&"), ("a: '*'", "*"), ("a: '&'", "&"),
        ("a: |-\n  *x\n  &y", "*x\n&y"), ("a: \"\\x2a\"", "*"), ("a: 5 * 3 # *x &y", "5 * 3"), ("a: x!*", "x!*"),
        ("a: https://h/?a=1&b=2*", "https://h/?a=1&b=2*"), ("a: \"!!**&&\"", "!!**&&"),
    ])
    func starsAndAmpersandsInTextsStay(yaml: String, expected: String) { #expect(text(yaml) == "{a=\(expected)}") }

    @Test func placesCountTheFilesColumns() {
        let root = read("'*a': {x: \"**&&\", y: [1, '*', 2]}\n\"k&\": 1\n\"k&\": 2\n").root
        guard case .map(let members)? = root?.content, case .map(let inner) = members[0].value.content,
            case .list(let items) = inner[1].value.content
        else {
            Issue.record("no map")
            return
        }
        #expect(members[0].source.description == "f:1:1")
        #expect(inner[0].value.source.description == "f:1:11")
        #expect(inner[1].source.description == "f:1:19")
        #expect(items.map(\.source.description) == ["f:1:23", "f:1:26", "f:1:31"])
        #expect(
            read("\"k&\": 1\n\"k&\": 2\n").problems == [
                "f:2:1: 'k&' is given twice, first at f:1:1; keep one of them"
            ])
    }

    @Test func aliasesOfAliasesDoNotMultiply() {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...40 {
            yaml += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
        expectQuick { #expect(read(yaml).problems.first?.contains("those repeated by aliases counted") == true) }
        // As keys, which Yams would hash.
        expectQuick { #expect(!read(yaml + "? *a40\n: 1\n? [*a40]\n: 2\n").problems.isEmpty) }
        // By merge keys.
        var merges = "a0: &a0 {k: 1, l: 2}\n"
        for level in 1...40 {
            merges += "a\(level): &a\(level) {<<: [*a\(level - 1), *a\(level - 1)], m\(level): *a\(level - 1)}\n"
        }
        expectQuick { #expect(read(merges).problems.count == 1) }
    }

    @Test func depthIsBounded() {
        let deep = String(repeating: "[", count: 33) + String(repeating: "]", count: 33)
        #expect(read("a: " + deep).problems == ["f:1:36: more than 32 levels; nest less deeply"])
        // By aliases: each is one level more.
        let chain = "a0: &a0 [x]\n" + (1...40).map { "a\($0): &a\($0) [*a\($0 - 1)]\n" }.joined()
        #expect(read(chain).problems.first?.contains("more than 32 levels by aliases") == true)
    }

    @Test(arguments: [
        "[", "{", "- ", "? ", "- [", "{a: ", "[[", "\"", "'", "|\n", "a: &a ", "*a ", "&a ", "!", "!!", "%a\n", "a\n",
        "a: b\n",
        "a:\n", ",", ": ", "#", "\t", "\r", "---\n", "...\n", "a: 'b'\n", "<<: *a\n", "[a, ", "{a, ", "!<a> ", "\\",
        "\"\\x41", "é",
        "- - ", "? - ", "\u{2028}", "a: [b]\n", "[]: ", "? a\n", "0", "a: |\n b\n", "{a: 1}, ",
    ])
    func fullFilesOfAnythingEndQuickly(piece: String) {
        let text = String(repeating: piece, count: YAMLBytes.sizeLimit / piece.utf8.count)
        expectQuick {
            do throws(ConfigurationError) {
                _ = try ConfigurationLoader.load(Array(text.utf8), as: "f")
            } catch {
                #expect(!error.problems.isEmpty && error.problems.count <= ConfigurationError.problemsLimit)
            }
        }
    }

    @Test func growingIndentationEndsQuickly() {
        var text = ""
        for depth in 0..<1400 { text += String(repeating: " ", count: depth) + "a:\n" }
        expectQuick { #expect(!read(text).problems.isEmpty) }
    }

    @Test func manyKeysThatAreTwiceEndQuickly() {
        let text = (0..<20_000).map { "k\($0): 1\nk\($0): 2\n" }.joined()
        expectQuick { #expect(!read(text).problems.isEmpty) }
    }

    @Test func filesBeyondTheLimitAreRefusedUnread() throws {
        let found = try problems([UInt8](repeating: 0xFF, count: YAMLBytes.sizeLimit + 1))
        #expect(
            found == [
                "hadal.yaml:1:1: the file is larger than 1MiB; check that it is the configuration, and make it smaller"
            ])
    }

    @Test func whatAFuzzerFoundHoldsEverAfter() throws {
        let inputs = try SharedData.corpus("yaml")
        #expect(!inputs.isEmpty)
        for input in inputs { ConfigurationFuzzing.run(input) }
    }

    /// Far more than anything here takes, far less than what multiplies does.
    private func expectQuick(_ body: () -> Void) {
        let start = ContinuousClock.now
        body()
        #expect(ContinuousClock.now - start < .seconds(20))
    }
}

extension YAMLNode {
    fileprivate var plain: String {
        switch content {
        case .text(let text, _): text
        case .list(let items): "[" + items.map(\.plain).joined(separator: ",") + "]"
        case .map(let members): "{" + members.map { "\($0.key)=\($0.value.plain)" }.joined(separator: ",") + "}"
        }
    }
}
