import HadalText

/// Reviews an answer while it comes, wherever it was cut. What may still become part of something to be found is held
/// back: a word, a number, what follows "地址：" up to the end of the sentence; at most 4 kB.
public struct AnswerReviewer: Sendable {
    /// What is decided by now.
    public struct Passed: Sendable {
        /// May go to the client, after the `Restorer`.
        public var text: [UInt8]
        /// New findings, with offsets in the whole answer. Where one of them blocks, the answer ends before `text`.
        public var verdict: PrivacyVerdict
    }

    /// So much of what has gone on is kept for the words in it.
    private static let memory = 64

    private let filter: PrivacyFilter
    /// The end of what has gone on and what has not.
    private var pending: [UInt8] = []
    /// How many bytes of `pending` have gone on.
    private var passed = 0
    /// Where `pending` begins in the answer.
    private var offset = 0

    public init(_ filter: PrivacyFilter) { self.filter = filter }

    /// Takes the next piece of an answer, UTF-8.
    public mutating func review(_ piece: some Sequence<UInt8>) -> Passed {
        pending += piece
        return pass(isLast: false)
    }

    /// What was held back when the answer ended.
    public mutating func finish() -> Passed { pass(isLast: true) }

    private mutating func pass(isLast: Bool) -> Passed {
        guard !filter.policy.response.isIdle else {
            defer { pending.removeAll() }
            return Passed(text: pending, verdict: PrivacyVerdict(direction: .response, items: []))
        }
        let text = NormalisedText(utf8: pending)
        let all = filter.verdict(on: text, .response).items
        let end = isLast ? pending.count : decidedEnd(in: text, all)
        var verdict = PrivacyVerdict(direction: .response, items: [])
        var replacements: [(range: Range<Int>, text: String)] = []
        for var item in all where item.finding.range.upperBound > passed && item.finding.range.upperBound <= end {
            let range = max(item.finding.range.lowerBound, passed)..<item.finding.range.upperBound
            if item.action != .log { replacements.append((range, Redaction.text(of: item.finding.kind))) }
            item.finding.range = range.lowerBound + offset..<range.upperBound + offset
            verdict.items.append(item)
        }
        let result = Redaction.rewrite(pending, replacements, in: passed..<end)
        forget(upTo: end)
        return Passed(text: verdict.isBlocked ? [] : result, verdict: verdict)
    }

    /// Never within a finding or a character.
    private func decidedEnd(in text: NormalisedText, _ items: [PrivacyVerdict.Item]) -> Int {
        let whole = pending.count - Self.unfinishedCharacter(at: pending)
        let known = whole == pending.count ? text : NormalisedText(utf8: Array(pending[..<whole]))
        var end = known.originalOffset(of: filter.openEnd(of: known))
        if let open = items.first(where: { $0.finding.range.lowerBound < end && end < $0.finding.range.upperBound }) {
            end = open.finding.range.lowerBound
        }
        return max(end, passed)
    }

    private mutating func forget(upTo end: Int) {
        passed = end
        var first = max(0, passed - Self.memory)
        while first < passed, pending[first] & 0xC0 == 0x80 { first += 1 }
        pending.removeFirst(first)
        passed -= first
        offset += first
    }

    /// How many bytes at the end are the beginning of a character whose other bytes have not come.
    private static func unfinishedCharacter(at bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let byte = bytes[bytes.count - length]
            if byte & 0xC0 == 0x80 { continue }
            let whole = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
            return whole > length ? length : 0
        }
        return 0
    }
}
