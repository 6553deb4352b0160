/// Words whose letters, or ideographs, are spaced out by one mark each: `i g n o r e`, `i.g.n.o.r.e`, `忽*略`.
enum SpacedWords {
    /// So many letters in a row make a word that is spaced out.
    private static let least = 3

    /// What may stand between the letters.
    private static let spacers: Set<UInt32> = Set(" *.-_|/~+^#\u{B7}".unicodeScalars.map(\.value))

    /// Takes the marks out. `offsets` go with the scalars.
    static func join(_ scalars: inout [UInt32], _ offsets: inout [UInt32]) {
        var count = 0
        var place = 0
        while place < scalars.count {
            let last = end(scalars, from: place)
            let step = last > place ? 2 : 1
            for index in stride(from: place, through: last, by: step) {
                scalars[count] = scalars[index]
                offsets[count] = offsets[index]
                count += 1
            }
            place = last + 1
        }
        scalars.removeSubrange(count...)
        offsets.removeSubrange(count...)
    }

    /// Where the last letter of the spaced word that begins at `place` stands; `place` if there is none.
    private static func end(_ scalars: [UInt32], from place: Int) -> Int {
        let kind = kind(scalars, place)
        guard kind > 0, place + 2 < scalars.count, self.kind(scalars, place - 1) == 0 else { return place }
        let mark = scalars[place + 1]
        guard mark < 0x80 || mark == 0xB7, spacers.contains(mark) else { return place }
        var last = place
        while last + 2 < scalars.count, scalars[last + 1] == mark, self.kind(scalars, last + 2) == kind { last += 2 }
        if self.kind(scalars, last + 1) == kind { last -= 2 }
        return (last - place) / 2 + 1 >= least ? last : place
    }

    /// 1 for letters, 2 for ideographs, 0 for all else and outside the text.
    @inline(__always)
    private static func kind(_ scalars: [UInt32], _ place: Int) -> Int {
        guard scalars.indices.contains(place) else { return 0 }
        return Scalars.isLetter(scalars[place]) ? 1 : Scalars.isIdeograph(scalars[place]) ? 2 : 0
    }
}
