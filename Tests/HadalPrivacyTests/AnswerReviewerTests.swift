import HadalText
import Testing

@testable import HadalPrivacy

@Suite struct AnswerReviewerTests {
    private let filter = PrivacyFilter(policy: PrivacyPolicy(response: .init(standard: .redact)))

    private func inPieces(_ text: String, _ length: (Int) -> Int) -> (text: String, findings: [Finding]) {
        var reviewer = AnswerReviewer(filter)
        var bytes = Array(text.utf8)[...]
        var result: [UInt8] = []
        var findings: [Finding] = []
        while !bytes.isEmpty {
            let passed = reviewer.review(bytes.prefix(length(bytes.count)))
            bytes = bytes.dropFirst(length(bytes.count))
            result += passed.text
            findings += passed.verdict.items.map(\.finding)
        }
        let passed = reviewer.finish()
        findings += passed.verdict.items.map(\.finding)
        return (String(decoding: result + passed.text, as: UTF8.self), findings)
    }

    private static let answers = [
        "您的手机号是 138 0013 8000，邮箱是 zhang.san@example.com。姓名：王小明，住址：北京市朝阳区建国路88号院3号楼1201室。谢谢！",
        "Use sk-Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z or password: hunter22, call +1 415 555 0132 from 192.168.1.1/24 at noon.",
        "IBAN GB82 WEST 1234 5698 7654 32; card 4111 1111 1111 1111. 416 60 039 office",
        "身份证１１０１０１１９９００３０７７７５８，王小明先生，粤B12345，\u{200B}2001:db8::1 end",
        "-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n0Z3VS5JJcds3xf\n-----END PRIVATE KEY-----\nA plain end.",
    ]

    @Test(arguments: answers)
    func cutsDoNotMatter(answer: String) {
        let whole = filter.review(response: NormalisedText(answer))
        #expect(!whole.verdict.items.isEmpty)
        for length in 1...12 {
            let result = inPieces(answer) { _ in length }
            #expect(result.text == whole.text, "pieces of \(length)")
            #expect(result.findings == whole.verdict.items.map(\.finding))
        }
        for cut in 0...answer.utf8.count {
            let result = inPieces(answer) { $0 == answer.utf8.count ? max(cut, 1) : answer.utf8.count }
            #expect(result.text == whole.text, "cut at \(cut)")
        }
    }

    @Test func ordinaryTextIsHardlyHeldBack() {
        var reviewer = AnswerReviewer(filter)
        let answer = "The answer is simple: we take the first part and go on. 答案很简单，我们先看第一部分，然后继续往下看。"
        var (given, passed) = (0, 0)
        for character in answer {
            given += String(character).utf8.count
            passed += reviewer.review(String(character).utf8).text.count
            #expect(given - passed <= 24, "\(character)")
        }
    }

    @Test func aBlockedFindingEndsTheAnswer() {
        let filter = PrivacyFilter(policy: PrivacyPolicy(response: .init(actions: [.email: .block])))
        var reviewer = AnswerReviewer(filter)
        let passed = reviewer.review("write to a@b.com now".utf8)
        #expect(passed.verdict.isBlocked)
        #expect(passed.text.isEmpty)
    }

    @Test func withoutRulesEverythingGoesOnAtOnce() {
        var reviewer = AnswerReviewer(PrivacyFilter(policy: PrivacyPolicy()))
        #expect(reviewer.review("a@b".utf8).text == Array("a@b".utf8))
    }
}
