extension CharacterFolding {
    /// `bytes` is `nil` where nothing had to change.
    struct Folded {
        var bytes: [UInt8]?
        var map = OffsetMap()
        var removed = 0
    }

    /// Normalises UTF-8. Takes linear time; copies only where something changes.
    func fold(_ text: UnsafeBufferPointer<UInt8>) -> Folded {
        var result = Folded()
        guard var (place, change) = nextChange(in: text, from: 0) else { return result }
        result.bytes = [UInt8](unsafeUninitializedCapacity: text.count) { output, count in
            var copied = 0
            while true {
                let kept = UnsafeBufferPointer(rebasing: text[copied..<place])
                _ = UnsafeMutableBufferPointer(rebasing: output[count...]).initialize(fromContentsOf: kept)
                count += kept.count
                copied = place + change.length
                if change.action == Self.remove {
                    result.removed += 1
                } else {
                    output[count] = change.action
                    count += 1
                }
                result.map.align(count, with: copied)
                guard let next = nextChange(in: text, from: copied) else { break }
                (place, change) = next
            }
            let rest = UnsafeBufferPointer(rebasing: text[copied...])
            _ = UnsafeMutableBufferPointer(rebasing: output[count...]).initialize(fromContentsOf: rest)
            count += rest.count
        }
        return result
    }

    private typealias Change = (action: UInt8, length: Int)

    /// The first character from `start` on that does not stay as it is.
    private func nextChange(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> (Int, Change)? {
        starts.withUnsafeBufferPointer { starts in
            var place = start
            while true {
                place = Self.skip(text, from: place, until: starts)
                guard place < text.count else { return nil }
                if let change = change(in: text, at: place) { return (place, change) }
                place += 1
            }
        }
    }

    /// The next place whose byte may start a character to change; `text.count` where there is none.
    private static func skip(
        _ text: UnsafeBufferPointer<UInt8>, from start: Int, until starts: UnsafeBufferPointer<UInt8>
    ) -> Int {
        var place = start
        let raw = UnsafeRawBufferPointer(text)
        while place < text.count {
            if text[place] < 0x80 {
                while place + 8 <= text.count,
                    raw.loadUnaligned(fromByteOffset: place, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                {
                    place += 8
                }
                while place < text.count, text[place] < 0x80 { place += 1 }
            } else {
                repeat {
                    if starts[Int(text[place])] != 0 { return place }
                    place += 1
                } while place < text.count && text[place] >= 0x80
            }
        }
        return place
    }

    /// What to do with the character at `place`; `nil` where it stays or the bytes are no UTF-8.
    private func change(in text: UnsafeBufferPointer<UInt8>, at place: Int) -> Change? {
        let first = text[place]
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard place + length <= text.count else { return nil }
        var scalar = UInt32(first) & (0x7F >> UInt32(length))
        for offset in 1..<length {
            let byte = text[place + offset]
            guard byte & 0xC0 == 0x80 else { return nil }
            scalar = scalar << 6 | UInt32(byte & 0x3F)
        }
        let action = action(for: scalar)
        return action == Self.keep ? nil : (action, length)
    }
}
