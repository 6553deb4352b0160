/// Asks the recognizers that begin at a word: secrets, names, addresses.
enum ContextScan {
    static func findings(in text: ScannedText) -> [Finding] {
        var findings: [Finding] = []
        var (secretEnd, nameEnd, addressEnd) = (0, 0, 0)
        func take(_ finding: Finding?, _ end: inout Int) {
            guard let finding, finding.range.lowerBound >= end else { return }
            findings.append(finding)
            end = finding.range.upperBound
        }
        for hit in text.contexts.hits {
            if hit.kind.contains(.secret) { take(AssignedSecret.recognize(after: hit, in: text), &secretEnd) }
            if hit.kind.contains(.name) {
                take(ChineseName.recognize(after: hit, isField: true, in: text), &nameEnd)
            } else if hit.kind.contains(.person) {
                take(ChineseName.recognize(after: hit, isField: false, in: text), &nameEnd)
            }
            if hit.kind.contains(.honorific) { take(ChineseName.recognize(before: hit, in: text), &nameEnd) }
            if hit.kind.contains(.address) {
                take(ChineseAddress.recognize(after: hit, in: text), &addressEnd)
            } else if hit.kind.contains(.region), hit.start >= addressEnd {
                take(ChineseAddress.recognize(atRegion: hit, in: text), &addressEnd)
            }
        }
        return findings
    }
}
