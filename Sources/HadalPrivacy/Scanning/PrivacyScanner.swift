import HadalText

/// Finds personal data in a text. Made once, shared by all requests.
///
/// Takes time linear in the text whatever stands in it: recognizers read on from where a candidate begins, at most a
/// bounded way or up to where the next candidate may begin.
public struct PrivacyScanner: Sendable {
    private let words: WordTrie

    public init() { words = ContextWords.trie }

    /// What is found in `text`, with offsets in its UTF-8; no two findings overlap.
    ///
    /// - Parameter minimum: less sure findings are left out.
    public func findings(in text: String, minimum: Confidence = .form) -> [Finding] {
        findings(in: NormalisedText(text), minimum: minimum)
    }

    /// What is found in a text that was normalised already, with offsets in its original.
    public func findings(in text: NormalisedText, minimum: Confidence = .form) -> [Finding] {
        let found = text.bytes.withUnsafeBufferPointer { bytes in
            var pass = ScanningPass(scanned(bytes))
            pass.run()
            return pass.findings
        }
        let kept = Overlaps.resolve(found.filter { $0.confidence >= minimum }, textLength: text.bytes.count)
        guard !text.isUnchanged else { return kept }
        return kept.map { finding in
            var finding = finding
            finding.range = text.originalRange(finding.range)
            return finding
        }
    }

    /// From where on the end of a text may become something else with what follows, in its normalised bytes.
    func openEnd(of text: NormalisedText) -> Int {
        text.bytes.withUnsafeBufferPointer { OpenEnd.start(in: scanned($0)) }
    }

    private func scanned(_ bytes: UnsafeBufferPointer<UInt8>) -> ScannedText {
        ScannedText(bytes: bytes, contexts: Contexts(of: bytes, words: words))
    }
}
