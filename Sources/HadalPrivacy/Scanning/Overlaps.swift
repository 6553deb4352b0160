/// Which of overlapping findings stay.
enum Overlaps {
    /// The most specific of those that overlap, then the longest, then the first; in the order of the text.
    ///
    /// Each recognizer finds disjoint ranges, so that all of them together are not longer than a few texts.
    static func resolve(_ findings: [Finding], textLength: Int) -> [Finding] {
        guard findings.count > 1 else { return findings }
        var taken = [Bool](repeating: false, count: textLength)
        let ranked = findings.sorted { left, right in
            (right.specificity, right.range.count, left.range.lowerBound)
                < (left.specificity, left.range.count, right.range.lowerBound)
        }
        var kept: [Finding] = []
        for finding in ranked where !taken[finding.range].contains(true) {
            for place in finding.range { taken[place] = true }
            kept.append(finding)
        }
        return kept.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }
}
