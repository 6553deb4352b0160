import HadalJSON
import HadalText
import Testing

@testable import HadalPrivacy

@Suite struct MaskingTests {
    private func masked(_ text: String, _ masking: inout Masking) -> String {
        masking.mask(text, scanner.findings(in: text))
    }

    @Test func theSameValueHasTheSamePlaceholder() {
        var masking = Masking()
        #expect(masked("打13800138000或13900139000", &masking) == "打[PHONE_1]或[PHONE_2]")
        #expect(masked("a@b.com 13900139000", &masking) == "[EMAIL_1] [PHONE_2]")
        #expect(masking.vault.count == 3)
        #expect(!"\(masking.vault)".contains("138"))
    }

    @Test func placeholdersThatStandInTheConversationAreNotUsed() {
        var masking = Masking()
        masking.reserve("Write [PHONE_1] as an example, or 【phone 2】.")
        let text = "[phone_3] 13800138000"
        #expect(masked(text, &masking) == "[phone_3] [PHONE_4]")
        #expect(
            Restorer.restore("[PHONE_1] [PHONE_3] [PHONE_4]", from: masking.vault) == "[PHONE_1] [PHONE_3] 13800138000")
    }

    @Test func aLookalikeOfOneInUseIsGivenBackAsItWas() {
        var masking = Masking()
        _ = masked("13800138000", &masking)
        let text = "what is [ phone_1 ]?"
        let sent = masked(text, &masking)
        #expect(sent == "what is [TEXT_1]?")
        #expect(Restorer.restore(sent + " [PHONE_1]", from: masking.vault) == text + " 13800138000")
    }

    @Test func whatWasMaskedComesBack() {
        var numbers = Numbers(state: 11)
        let pieces = [
            "13800138000", "a@b.com", "[PHONE_1]", "[", "]", "【", "】", "[PHONE_", "_1]", "[email 2]", "地址：", "你好，",
            "password=hunter22", "\u{200B}", "１３９００１３９０００",
            " ", "\n", "😀", "[TEXT_1]", "\\", "8.8.8.8", "[PHONE_138001380001]", "PHONE_1", "[PHONE]",
        ]
        for _ in 0..<2000 {
            var masking = Masking()
            var (sent, expected) = ("", "")
            for _ in 0..<3 {
                let text = (0..<Int.random(in: 0..<12, using: &numbers)).map { _ in
                    pieces.randomElement(using: &numbers) ?? ""
                }.joined()
                // Texts of a conversation do not run into each other.
                sent += masked(text, &masking) + "|"
                expected += text + "|"
            }
            #expect(Restorer.restore(sent, from: masking.vault) == expected)
        }
    }

    @Test func actionsDoWhatTheyAreNamed() {
        let policy = PrivacyPolicy(
            request: .init(standard: .mask, actions: [.email: .redact, .ipAddress: .log, .plate: .ignore]),
            response: .init(actions: [.phone: .mask, .residentID: .block]))
        let filter = PrivacyFilter(policy: policy)
        var masking = Masking()
        let review = filter.review(request: NormalisedText("13800138000 a@b.com 8.8.8.8 粤B12345"), masking: &masking)
        #expect(review.text == "[PHONE_1] [EMAIL] 8.8.8.8 粤B12345")
        #expect(review.verdict.action == .redact)
        #expect(review.verdict.counts == [.phone: 1, .email: 1, .ipAddress: 1])
        let first = #"{"kind":"phone","start":0,"end":11,"confidence":"form","action":"mask"}"#
        let beginning = #"{"direction":"request","action":"redact","findings":["# + first
        #expect(review.verdict.json.text.hasPrefix(beginning))
        #expect(filter.review(response: NormalisedText("13800138000 a@b.com")).text == "[PHONE] a@b.com")
        let blocked = filter.review(response: NormalisedText(residentID("11010119900307775")))
        #expect(blocked.verdict.isBlocked)
    }
}
