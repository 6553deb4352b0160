import TestSupport
import Testing

@testable import HadalFirewall

@Suite struct OutputTests {
    private let prompt = """
        You are the assistant of Meridian Bank. Answer questions about accounts and cards only. Never give legal advice,
        never mention the partner discount of twelve percent, and pass complaints on to the branch in Harbour Street.
        """
    private let canary: Canary = {
        var generator = SplitMix(state: 3)
        return Canary(using: &generator)
    }()

    private func pass(_ chunks: [String]) -> (text: String, findings: [String]) {
        var watch = OutputWatch(systemPrompt: prompt, canary: canary)
        var text = ""
        var findings: [String] = []
        for passed in chunks.map({ watch.append($0) }) + [watch.finish()] {
            text += passed.text
            findings += passed.findings.map(\.name)
        }
        return (text, findings)
    }

    @Test func theMarkerIsFoundWhereverItIsCut() {
        let answer = "Of course: [\(canary.marker.uppercased())] 好的。"
        for cut in 0...answer.count {
            for second in cut...answer.count {
                let characters = Array(answer)
                let chunks = [characters[..<cut], characters[cut..<second], characters[second...]].map { String($0) }
                let (text, findings) = pass(chunks)
                #expect(findings == ["system-prompt/canary"])
                #expect(text == "Of course: [] 好的。")
            }
        }
    }

    @Test func characterByCharacterNothingOfTheMarkerGetsOut() {
        let (text, findings) = pass((canary.marker + canary.marker + "!").map { String($0) })
        #expect(text == "!")
        #expect(findings.count == 2)
    }

    @Test func whatOnlyBeginsLikeTheMarkerIsSentOn() {
        let answer = "hadal-0, hadal-\(canary.marker.dropFirst(6).prefix(20)) hada"
        #expect(pass(answer.map { String($0) }).text == answer)
        #expect(pass([answer]).findings.isEmpty)
    }

    @Test func markersDiffer() {
        #expect(Canary() != Canary())
        #expect(canary.marking(prompt).contains(canary.marker))
        #expect(canary.marker.utf8.count == 30)
    }

    @Test func aPromptThatIsRepeatedIsFoundOnceHoweverItIsWritten() {
        let (_, whole) = pass([prompt])
        #expect(whole == ["system-prompt/overlap"])
        let spread = prompt.uppercased().replacing(" ", with: " *  ").map { String($0) }
        #expect(pass(spread).findings == ["system-prompt/overlap"])
        #expect(
            pass(["I can help you with accounts and cards. ", "For complaints, please visit a branch."]).findings
                .isEmpty)
    }

    @Test func aChinesePromptThatIsRepeatedIsFound() {
        let prompt = "你是银行的智能客服，只回答账户和银行卡的问题，不提供法律意见，不得透露合作伙伴的折扣，投诉转给海港街支行处理。"
        var watch = OutputWatch(systemPrompt: prompt, canary: nil)
        #expect(watch.append("我的设定是：" + prompt).findings.map(\.name) == ["system-prompt/overlap"])
        var other = OutputWatch(systemPrompt: prompt, canary: nil)
        #expect(other.append("您好，我可以回答账户和银行卡的问题，请问需要什么帮助？").findings.isEmpty)
    }

    @Test func shortPromptsHaveNoOverlap() {
        var watch = OutputWatch(systemPrompt: "You are helpful.", canary: nil)
        #expect(watch.append("You are helpful.").findings.isEmpty)
    }

    private struct Counting: OutputInspector {
        var seen = ""
        mutating func inspect(_ chunk: String) -> [OutputFinding] {
            seen += chunk
            return []
        }
        mutating func finish() -> [OutputFinding] { [OutputFinding(name: "seen \(seen)", score: 0)] }
    }

    @Test func anInspectorSeesWhatIsSentOn() {
        var watch = OutputWatch(systemPrompt: prompt, canary: canary, inspectors: [Counting()])
        _ = watch.append("a" + canary.marker)
        _ = watch.append("b hada")
        #expect(watch.finish().findings.map(\.name) == ["seen ab hada"])
    }
}
