/// What recognizers read: normalised bytes, and the words in them that tell what stands beside. Every offset may be
/// asked for; outside the text stands 0.
struct ScannedText {
    let bytes: UnsafeBufferPointer<UInt8>
    let contexts: Contexts

    var count: Int { bytes.count }

    subscript(offset: Int) -> UInt8 { offset >= 0 && offset < bytes.count ? bytes[offset] : 0 }

    /// The first offset from `start` on, and at most `limit` after it, whose byte does not satisfy `condition`.
    func end(from start: Int, limit: Int = .max, while condition: (UInt8) -> Bool) -> Int {
        let last = limit < count - start ? start + limit : count
        var place = start
        while place < last, condition(bytes[place]) { place += 1 }
        return place
    }

    /// Whether `word` (ASCII, lower case) stands at `offset`, in any case.
    func has(_ word: StaticString, at offset: Int) -> Bool {
        guard offset >= 0, offset + word.utf8CodeUnitCount <= count else { return false }
        for index in 0..<word.utf8CodeUnitCount
        where bytes[offset + index].lowercase != word.utf8Start[index] { return false }
        return true
    }

    /// The Chinese character at `offset`; `nil` where there is none.
    func han(at offset: Int) -> Unicode.Scalar? {
        guard self[offset] &- 0xE4 < 6, offset + 3 <= count else { return nil }
        let (second, third) = (bytes[offset + 1], bytes[offset + 2])
        guard second & 0xC0 == 0x80, third & 0xC0 == 0x80 else { return nil }
        return Unicode.Scalar(UInt32(bytes[offset] & 0x0F) << 12 | UInt32(second & 0x3F) << 6 | UInt32(third & 0x3F))
    }
}
