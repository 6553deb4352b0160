/// Bytes that are looked for in others, with Horspool's shifts: most bytes are never looked at.
struct Needle: Sendable {
    private let bytes: [UInt8]
    /// How far to go on where this byte stands under the needle's last.
    private let shifts: [Int]

    init(_ text: String) {
        bytes = Array(text.utf8)
        var shifts = [Int](repeating: max(1, bytes.count), count: 256)
        for (index, byte) in bytes.dropLast().enumerated() { shifts[Int(byte)] = bytes.count - 1 - index }
        self.shifts = shifts
    }

    func isIn(_ haystack: ArraySlice<UInt8>) -> Bool {
        guard let last = bytes.last else { return true }
        return haystack.withUnsafeBufferPointer { hay in
            var start = 0
            while start + bytes.count <= hay.count {
                let byte = hay[start + bytes.count - 1]
                if byte == last, hay[start..<(start + bytes.count)].elementsEqual(bytes) { return true }
                start += shifts[Int(byte)]
            }
            return false
        }
    }
}
