/// Unified social credit codes of organisations (GB 32100): registrar, type, region, organisation, check character.
enum CreditCode {
    private static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)
    /// By byte: its value, or -1.
    private static let values: [Int] = (0..<256).map { byte in
        alphabet.firstIndex(of: UInt8(byte).uppercase) ?? -1
    }
    /// Instead of a province: those that the central authority registers.
    private static let national = 10
    private static let weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]

    static func recognize(_ run: Range<Int>, in text: ScannedText) -> Finding? {
        guard run.count == 18, "159ANY".utf8.contains(text[run.lowerBound].uppercase) else { return nil }
        guard text.end(from: run.lowerBound + 2, limit: 6, while: { $0.isDigit }) == run.lowerBound + 8 else {
            return nil
        }
        let province = (2...3).reduce(0) { $0 * 10 + Int(text[run.lowerBound + $1]) - 0x30 }
        guard province == national || ResidentID.provinces.contains(province) else { return nil }
        var sum = 0
        for (offset, weight) in weights.enumerated() {
            let value = values[Int(text[run.lowerBound + offset])]
            guard value >= 0 else { return nil }
            sum += value * weight
        }
        let isRight = values[Int(text[run.upperBound - 1])] == (31 - sum % 31) % 31
        // Of digits alone it may be anything.
        let hasLetter = run.contains { text[$0].isLetter }
        return isRight || hasLetter
            ? Finding(kind: .creditCode, range: run, confidence: isRight ? .checked : .doubtful) : nil
    }
}
