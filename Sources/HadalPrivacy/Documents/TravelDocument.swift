/// Passports and permits. Their numbers have no check digit, so that a word must stand beside them.
enum TravelDocument {
    static func recognize(_ run: Range<Int>, in text: ScannedText) -> Finding? {
        guard (6...11).contains(run.count) else { return nil }
        let letters = text.end(from: run.lowerBound, limit: 3) { $0.isLetter } - run.lowerBound
        let digits = text.end(from: run.lowerBound + letters) { $0.isDigit }
        guard letters <= 2, digits == run.upperBound, text.mayBeginNumber(at: run.lowerBound, isGrouped: false),
            text.mayEndNumber(at: run.upperBound, isGrouped: false)
        else { return nil }
        let first = text[run.lowerBound].uppercase
        let form = Form(first: letters > 0 ? first : 0, letters: letters, digits: run.count - letters)
        if form.isPermit, isNamed(run, .permit, text) {
            return Finding(kind: .travelPermit, range: run, confidence: .context)
        }
        if form.isPassport, isNamed(run, .passport, text) {
            return Finding(kind: .passport, range: run, confidence: .context)
        }
        return form.isChinesePassport ? Finding(kind: .passport, range: run, confidence: .doubtful) : nil
    }

    private static func isNamed(_ run: Range<Int>, _ kind: ContextKind, _ text: ScannedText) -> Bool {
        if let hit = text.contexts.before(run.lowerBound, kind, within: 40) {
            return text.leads(from: hit.end, to: run.lowerBound)
        }
        return text.contexts.after(run.upperBound, kind, within: 4) != nil
    }

    private struct Form {
        let first: UInt8
        let letters: Int
        let digits: Int

        /// Residents of Hong Kong and Macau: H or M and 8 or 10 digits. Of the mainland: C or W for Hong Kong and
        /// Macau, L or T for Taiwan, and 8 digits or a letter and 7. Of Taiwan: 8 or 10 digits.
        var isPermit: Bool {
            switch (letters, digits) {
            case (0, 8), (0, 10): true
            case (1, 8): "HMCWLT".utf8.contains(first)
            case (1, 10): "HM".utf8.contains(first)
            case (2, 7): "CW".utf8.contains(first)
            default: false
            }
        }

        var isChinesePassport: Bool {
            letters == 1 && digits == 8 && "EGDSPHK".utf8.contains(first)
                || letters == 2 && digits == 7 && first == UInt8(ascii: "E")
        }

        /// Also those of other countries: one or two letters and 6 to 8 digits, or 9 digits.
        var isPassport: Bool { (6...9).contains(digits) && letters + digits <= 9 && (letters > 0 || digits == 9) }
    }
}
