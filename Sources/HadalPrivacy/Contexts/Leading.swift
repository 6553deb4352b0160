extension ScannedText {
    private static let connectors: [StaticString] = ["at", "on", "to", "is", "me", "no", "no.", "number"]

    /// Whether what stands between the name of something (it ends at `end`) and a value at `start` leads to the value:
    /// next to nothing, a colon, "is", "at", a few Chinese characters.
    func leads(from end: Int, to start: Int) -> Bool {
        if start - end <= 3 { return true }
        var place = start
        while place > end, " \n(".utf8.contains(self[place - 1]) { place -= 1 }
        let before = self[place - 1]
        if before == UInt8(ascii: ":") || before == UInt8(ascii: "=") || before == UInt8(ascii: "#") { return true }
        if before >= 0x80 { return start - end <= 12 }
        return Self.connectors.contains { word in
            let first = place - word.utf8CodeUnitCount
            return has(word, at: first) && !self[first - 1].isLetter
        }
    }
}
