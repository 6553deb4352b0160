import HadalText

/// What an answer gives away.
public struct OutputFinding: Sendable, Hashable {
    /// `system-prompt/canary`, `system-prompt/overlap`, or what an inspector found.
    public var name: String
    /// From 0 to 1.
    public var score: Double

    public init(name: String, score: Double) {
        self.name = name
        self.score = score
    }
}

/// Looks at an answer as it comes for something else: secrets, personal data.
public protocol OutputInspector: Sendable {
    /// - Parameter chunk: the next part of the answer, as it is sent on.
    mutating func inspect(_ chunk: String) -> [OutputFinding]
    mutating func finish() -> [OutputFinding]
}

/// Watches one answer for its system prompt, however it is cut into chunks. What may be the beginning of the marker is
/// held back until it is known not to be, so that no part of the marker reaches the client.
public struct OutputWatch: Sendable {
    /// What may be sent on, and what was found in it. Where the marker was found it is left out.
    public struct Passed: Sendable, Hashable {
        public var text: String
        public var findings: [OutputFinding]
    }

    /// As much of the system prompt in an answer is a leak.
    public static let leak = 0.5

    private let marker: [UInt8]
    private let matcher: KeywordMatcher
    private var held: [UInt8] = []
    private var overlap: PromptOverlap
    private var isOverlapReported = false
    private var inspectors: [any OutputInspector]

    /// - Parameters:
    ///   - systemPrompt: without the marker.
    ///   - canary: the marker that was put in it, if any.
    public init(systemPrompt: String, canary: Canary?, inspectors: [any OutputInspector] = []) {
        marker = Array((canary?.marker ?? "").utf8)
        matcher = KeywordMatcher([KeywordMatcher.Keyword(canary?.marker ?? "")])
        overlap = PromptOverlap(systemPrompt)
        self.inspectors = inspectors
    }

    /// The next part of the answer, from a boundary of characters on.
    public mutating func append(_ chunk: String) -> Passed {
        held += chunk.utf8
        var findings: [OutputFinding] = []
        var place = KeywordMatcher.Place()
        var kept: [UInt8] = []
        var start = 0
        held.withUnsafeBufferPointer { bytes in
            matcher.search(bytes, from: &place) { match in
                kept += bytes[start..<match.range.lowerBound]
                start = match.range.upperBound
                findings.append(OutputFinding(name: "system-prompt/canary", score: 1))
            }
        }
        let pending = min(matcher.pendingBytes(at: place), held.count - start)
        kept += held[start..<held.count - pending]
        held.removeFirst(held.count - pending)
        return pass(kept, findings)
    }

    /// The answer is complete: what was held back, and what is found at its end.
    public mutating func finish() -> Passed {
        var passed = pass(held, [])
        held = []
        for index in inspectors.indices { passed.findings += inspectors[index].finish() }
        return passed
    }

    private mutating func pass(_ bytes: [UInt8], _ findings: [OutputFinding]) -> Passed {
        var passed = Passed(text: String(decoding: bytes, as: UTF8.self), findings: findings)
        guard !passed.text.isEmpty else { return passed }
        overlap.append(passed.text)
        if !isOverlapReported, overlap.share >= Self.leak {
            isOverlapReported = true
            passed.findings.append(OutputFinding(name: "system-prompt/overlap", score: overlap.share))
        }
        for index in inspectors.indices { passed.findings += inspectors[index].inspect(passed.text) }
        return passed
    }
}
