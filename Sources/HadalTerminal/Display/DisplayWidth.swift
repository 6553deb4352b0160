extension Character {
    /// Terminal cells this character takes: 0 (controls, lone combining marks), 1 or 2 (Chinese, emoji), more only
    /// for clusters of several spacing signs as in Indic scripts.
    public var displayWidth: Int {
        let scalars = unicodeScalars
        let first = scalars.first!
        if first.isASCII, scalars.count == 1 { return first.displayWidth }
        // Emoji are drawn as one picture: flags (two regional indicators), joined families, and text signs made a
        // picture by the variation selector 16.
        var isPicture = false
        var isText = false
        var width = 0
        for scalar in scalars {
            switch scalar.value {
            case 0xFE0F: isPicture = isPicture || first.properties.isEmoji
            case 0xFE0E: isText = true
            case 0x200D: isPicture = isPicture || first.properties.isEmoji && !first.isASCII
            case 0x1F1E6...0x1F1FF: isPicture = isPicture || scalars.count > 1
            case 0x1F3FB...0x1F3FF: isPicture = true
            default: break
            }
            width += scalar.displayWidth
        }
        if isText, first.properties.isEmoji { return 1 }
        return isPicture ? 2 : width
    }
}

extension StringProtocol {
    /// Terminal cells the text takes in one line.
    public var displayWidth: Int {
        if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return utf8.count }
        return reduce(0) { $0 + $1.displayWidth }
    }

    /// The text shortened to at most `width` cells, with `…` where something was left out.
    public func truncated(toDisplayWidth width: Int) -> String {
        guard width > 0 else { return "" }
        var used = 0
        // Where to cut so that one cell stays for the ellipsis.
        var cut = startIndex
        for index in indices {
            used += self[index].displayWidth
            if used > width { return self[..<cut] + "…" }
            if used < width { cut = self.index(after: index) }
        }
        return String(self)
    }
}

extension Unicode.Scalar {
    /// Cells of one code point on its own, as terminals and `wcwidth` count them.
    var displayWidth: Int {
        if value < 0x7F { return value < 0x20 ? 0 : 1 }
        if value < 0xA0 { return 0 }
        if value < 0x300 { return 1 }
        // The vowels and finals of decomposed Hangul are drawn into their initial consonant.
        if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FF).contains(value) { return 0 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control, .lineSeparator, .paragraphSeparator: return 0
        default: break
        }
        return isWide ? 2 : 1
    }

    private var isWide: Bool {
        if value < Self.wideRanges[0].lowerBound { return false }
        var low = 0
        var high = Self.wideRanges.count
        while low < high {
            let middle = (low + high) / 2
            if Self.wideRanges[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        if low < Self.wideRanges.count, Self.wideRanges[low].contains(value) { return true }
        // Emoji younger than the table.
        return properties.isEmojiPresentation && !(0x1F1E6...0x1F1FF).contains(value)
    }

    /// Code points of East Asian Width W or F (Unicode 14, UAX #11), joined over unassigned ones.
    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0, 0x23F3...0x23F3,
        0x25FD...0x25FE, 0x2614...0x2615, 0x2648...0x2653, 0x267F...0x267F, 0x2693...0x2693, 0x26A1...0x26A1,
        0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5, 0x26CE...0x26CE, 0x26D4...0x26D4, 0x26EA...0x26EA,
        0x26F2...0x26F3, 0x26F5...0x26F5, 0x26FA...0x26FA, 0x26FD...0x26FD, 0x2705...0x2705, 0x270A...0x270B,
        0x2728...0x2728, 0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755, 0x2757...0x2757, 0x2795...0x2797,
        0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B50, 0x2B55...0x2B55, 0x2E80...0x303E,
        0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4C6, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAD9,
        0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x1B2FB,
        0x1F004...0x1F004, 0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E, 0x1F191...0x1F19A, 0x1F200...0x1F320,
        0x1F32D...0x1F335, 0x1F337...0x1F37C, 0x1F37E...0x1F393, 0x1F3A0...0x1F3CA, 0x1F3CF...0x1F3D3,
        0x1F3E0...0x1F3F0, 0x1F3F4...0x1F3F4, 0x1F3F8...0x1F43E, 0x1F440...0x1F440, 0x1F442...0x1F4FC,
        0x1F4FF...0x1F53D, 0x1F54B...0x1F54E, 0x1F550...0x1F567, 0x1F57A...0x1F57A, 0x1F595...0x1F596,
        0x1F5A4...0x1F5A4, 0x1F5FB...0x1F64F, 0x1F680...0x1F6C5, 0x1F6CC...0x1F6CC, 0x1F6D0...0x1F6D2,
        0x1F6D5...0x1F6DF, 0x1F6EB...0x1F6EC, 0x1F6F4...0x1F6FC, 0x1F7E0...0x1F7F0, 0x1F90C...0x1F93A,
        0x1F93C...0x1F945, 0x1F947...0x1F9FF, 0x1FA70...0x1FAF6, 0x20000...0x3FFFD,
    ]
}
