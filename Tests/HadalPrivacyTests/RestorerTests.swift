import Testing

@testable import HadalPrivacy

@Suite struct RestorerTests {
    private func vault() -> Vault {
        var vault = Vault()
        _ = vault.placeholder(for: Array("13800138000".utf8), .kind(.phone))
        _ = vault.placeholder(for: Array("张三".utf8), .kind(.name))
        _ = vault.placeholder(for: Array("a\"b\n".utf8), .kind(.secret))
        return vault
    }

    private func inPieces(_ text: String, cuts: [Int]) -> String {
        var restorer = Restorer(vault: vault())
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        for (start, end) in zip([0] + cuts, cuts + [bytes.count]) { result += restorer.restore(bytes[start..<end]) }
        return String(decoding: result + restorer.finish(), as: UTF8.self)
    }

    @Test func answersAreRestoredWhereverTheyAreCut() {
        let answer = "请拨【PHONE_1】或[name_1]，[[PHONE_1]] [PHONE_9] [ PHONE 1 ] [PHONE_1x [PHON［ＰＨＯＮＥ＿１］。["
        let expected = "请拨13800138000或张三，[13800138000] [PHONE_9] 13800138000 [PHONE_1x [PHON13800138000。["
        let count = answer.utf8.count
        #expect(inPieces(answer, cuts: []) == expected)
        #expect(inPieces(answer, cuts: Array(1..<count)) == expected)
        for first in 0...count { #expect(inPieces(answer, cuts: [first]) == expected, "cut at \(first)") }
        for first in stride(from: 0, through: count, by: 3) {
            for second in stride(from: first, through: count, by: 2) {
                #expect(inPieces(answer, cuts: [first, second]) == expected)
            }
        }
    }

    @Test(arguments: [
        "[PHONE_1]", "[phone_1]", "【PHONE_1】", "[ PHONE_1 ]", "[PHONE 1]", "[PHONE-1]", "[Phone1]", #"[PHONE\_1]"#,
        #"\[PHONE_1\]"#, "〔PHONE_01〕", "［phone＿１］",
    ])
    func smallChangesAreUnderstood(placeholder: String) {
        let restored = Restorer.restore(placeholder, from: vault())
        #expect(restored.trimmingPrefix("\\") == "13800138000")
    }

    @Test(arguments: [
        "[PHONE_2]", "[EMAIL_1]", "[PHONE_]", "[PHONE_1", "PHONE_1", "[PHONE_1a]", "[XPHONE_1]", "[PHONE_1 2]",
        "[PHONE_1234567890]", "[]", "[1]", "{PHONE_1}",
    ])
    func otherTextStays(text: String) { #expect(Restorer.restore(text, from: vault()) == text) }

    @Test func onlyWhatMayBecomeAPlaceholderIsHeldBack() {
        var restorer = Restorer(vault: vault())
        #expect(restorer.restore("ordinary text [1] and [x") == "ordinary text [1] and [x")
        #expect(restorer.restore(" [pho") == " ")
        #expect(restorer.restore("to] ") == "[photo] ")
        let spaces = String(repeating: " ", count: 200)
        #expect(restorer.restore("[" + spaces).utf8.count > 100)
        #expect(String(decoding: restorer.finish(), as: UTF8.self).isEmpty)
    }

    @Test func valuesInJSONAreEscaped() {
        #expect(Restorer.restore(#"{"x": "[SECRET_1]"}"#, from: vault(), encoding: .json) == #"{"x": "a\"b\n"}"#)
    }

    @Test func withoutValuesNothingIsHeldBack() {
        var restorer = Restorer(vault: Vault())
        #expect(restorer.restore("[") == "[")
    }
}
