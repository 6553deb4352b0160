import HadalText
import Testing

@testable import HadalPrivacy

@Suite struct ScanningTests {
    @Test(arguments: [
        "１３８００１３８０００", "138\u{200B}0013\u{200B}8000", "138\u{3000}0013\u{3000}8000", "1\u{FE0F}3\u{FE0F}800138000",
        "١٣٨٠٠١٣٨٠٠٠", "138‑0013‑8000",
    ])
    func disguisesDoNotHelp(number: String) {
        let text = "😀手机\(number)，谢谢"
        #expect(found(text) == ["phone \(number)"])
    }

    @Test func theMoreSpecificIsKept() {
        #expect(found("https://joe:x1@mail.example.com") == ["url_credentials joe:x1"])
        // Gansu's region begins with 62, as UnionPay's cards do.
        let number = residentID("62010219900307663")
        #expect(found("卡号 \(number)") == ["resident_id \(number)"])
    }

    @Test func ofOverlappingFindingsTheSurestThenTheLongestStays() {
        let findings = [
            Finding(kind: .phone, range: 0..<11, confidence: .form),
            Finding(kind: .bankCard, range: 5..<20, confidence: .checked),
            Finding(kind: .email, range: 20..<30, confidence: .form),
            Finding(kind: .email, range: 22..<40, confidence: .form),
            Finding(kind: .name, range: 0..<4, confidence: .form),
        ]
        let kept = Overlaps.resolve(findings, textLength: 50)
        #expect(kept.map(\.range) == [0..<4, 5..<20, 22..<40])
    }

    @Test func bytesWithoutSenseAreScanned() {
        var numbers = Numbers(state: 7)
        let pieces = [
            "13800138000", "@", "a.com", "::", "://", "sk-", "eyJ", "-----BEGIN PRIVATE KEY", "姓名：", "地址", "北京市", "+86",
            "(", "粤B", "password=", "1",
        ].map { Array($0.utf8) }
        for _ in 0..<3000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<40, using: &numbers) {
                if Bool.random(using: &numbers), let piece = pieces.randomElement(using: &numbers) {
                    bytes += piece.prefix(Int.random(in: 1...piece.count, using: &numbers))
                } else {
                    bytes.append(UInt8.random(in: 0...255, using: &numbers))
                }
            }
            var last = 0
            for finding in scanner.findings(in: NormalisedText(utf8: bytes), minimum: .doubtful) {
                #expect(
                    finding.range.lowerBound >= last && !finding.range.isEmpty
                        && finding.range.upperBound <= bytes.count)
                last = finding.range.upperBound
            }
        }
    }

    /// 300 kB of what a scanner might stumble over. What takes quadratic time would take minutes.
    @Test(
        .timeLimit(.minutes(10)),
        arguments: [
            "1", "1 ", "a", "@", "a@", "a.", "a.a@", "(1) ", "4111 ", "+86", "-", "sk-", "eyJ-", "eyJaaaaaa.",
            "-----BEGIN PRIVATE KEY-----", ":", "a1:", "a1::",
            "a://", "a://b:c@", "password:", "password=\"", "姓名", "姓名：", "地址", "北京市", "上海市区路1号", "张三先生", "\u{200B}",
            "１", "京A1", "GB82 ", "[[{{", "[PHONE_1", "0x", "1.1.",
        ])
    func hostileTextTakesLinearTime(unit: String) {
        let text = String(repeating: unit, count: 300_000 / unit.utf8.count)
        _ = scanner.findings(in: text)
        var masking = Masking()
        _ = masking.mask(text, [])
    }
}
