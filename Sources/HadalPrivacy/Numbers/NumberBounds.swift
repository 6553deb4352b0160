/// Whether a number may begin or end at a place, or is only a part of something longer.
extension ScannedText {
    /// - Parameter isGrouped: whether separators stand within the number. Then one before it may be of the same number,
    ///   which would begin further to the left.
    func mayBeginNumber(at start: Int, isGrouped: Bool) -> Bool {
        let before = self[start - 1]
        if before.isWord { return endsContextWord(at: start) }
        if before == UInt8(ascii: ".") { return !self[start - 2].isDigit }
        if before == UInt8(ascii: "-"), isGrouped { return !self[start - 2].isDigit }
        return true
    }

    func mayEndNumber(at end: Int, isGrouped: Bool) -> Bool {
        let after = self[end]
        if after.isWord || after == UInt8(ascii: "%") { return false }
        if after == UInt8(ascii: ".") { return !self[end + 1].isDigit }
        if after == UInt8(ascii: "-"), isGrouped { return !self[end + 1].isDigit }
        return true
    }

    /// Whether digits that begin at `start` follow the name of what they are without a space, as in "Tel13800138000".
    private func endsContextWord(at start: Int) -> Bool {
        guard self[start - 1].isLetter, let hit = contexts.before(start, .identifier, within: 0) else { return false }
        return !self[hit.start - 1].isWord
    }
}

extension ContextKind {
    /// Names of numbers.
    static let identifier: ContextKind = [.phone, .card, .residentID, .socialSecurity, .number]
}
