extension UInt8 {
    var isDigit: Bool { self &- 0x30 < 10 }
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
    var isUpper: Bool { self &- 0x41 < 26 }
    var isLower: Bool { self &- 0x61 < 26 }
    /// An ASCII letter or digit.
    var isWord: Bool { isDigit || isLetter }
    var isHex: Bool { isDigit || (self | 0x20) &- 0x61 < 6 }
    /// A visible ASCII character.
    var isGraph: Bool { self &- 0x21 < 94 }
    /// Letters in lower case; other bytes as they are.
    var lowercase: UInt8 { isUpper ? self | 0x20 : self }
    var uppercase: UInt8 { isLower ? self & 0xDF : self }
    /// What a digit counts, and a letter from A = 10 on (upper or lower case); `nil` for any other byte.
    var base36: Int? {
        if isDigit { return Int(self) - 0x30 }
        return isLetter ? Int(self | 0x20) - 0x61 + 10 : nil
    }
}
