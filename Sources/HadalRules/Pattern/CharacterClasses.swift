import HadalText

/// The characters that an expression does not tell apart, as numbers.
struct CharacterClasses: Sendable {
    private var ascii: [UInt16] = []
    /// Where each range of code points begins, from 0 on.
    private let starts: [UInt32]
    /// Of each range.
    private let classes: [UInt16]
    /// By class.
    let neighbours: [Neighbour]
    /// By set of the program and by class.
    let members: [[Bool]]

    var count: Int { neighbours.count }

    /// All code points.
    var ranges: [(range: ClosedRange<UInt32>, number: Int)] {
        starts.indices.map { index in
            let end = index + 1 < starts.count ? starts[index + 1] - 1 : ScalarSet.last
            return (starts[index]...end, Int(classes[index]))
        }
    }

    /// By ASCII character.
    func withASCII<Result>(_ body: (UnsafeBufferPointer<UInt16>) -> Result) -> Result {
        ascii.withUnsafeBufferPointer(body)
    }

    init(_ program: PatternProgram) {
        var sets = program.sets
        let words = program.asksForWords ? ScalarSet.boundedWords : .none
        let newline = program.asksForLines ? ScalarSet.newline : .none
        sets += [words, newline]
        var starts: Set<UInt32> = [0]
        for range in sets.flatMap(\.ranges) {
            starts.insert(range.lowerBound)
            if range.upperBound < ScalarSet.last { starts.insert(range.upperBound + 1) }
        }
        let sorted = starts.sorted()
        // By range of code points: the sets that have it.
        var memberships = [[Int]](repeating: [], count: sorted.count)
        for (number, set) in sets.enumerated() {
            var place = 0
            for range in set.ranges {
                while sorted[place] < range.lowerBound { place += 1 }
                while place < sorted.count, sorted[place] <= range.upperBound {
                    memberships[place].append(number)
                    place += 1
                }
            }
        }
        var numbers: [[Int]: UInt16] = [:]
        var distinct: [[Int]] = []
        var classes: [UInt16] = []
        for membership in memberships {
            let number = numbers[membership] ?? UInt16(distinct.count)
            if Int(number) == distinct.count {
                numbers[membership] = number
                distinct.append(membership)
            }
            classes.append(number)
        }
        var members = [[Bool]](repeating: Array(repeating: false, count: distinct.count), count: sets.count)
        for (number, membership) in distinct.enumerated() { for set in membership { members[set][number] = true } }
        neighbours = distinct.indices.map {
            members[sets.count - 2][$0] ? .word : members[sets.count - 1][$0] ? .newline : .other
        }
        self.members = members
        self.starts = sorted
        self.classes = classes
        ascii = (0..<0x80).map { find($0) }
    }

    private func find(_ scalar: UInt32) -> UInt16 {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= scalar { low = middle } else { high = middle }
        }
        return classes[low]
    }

    @inline(__always)
    func number(of scalar: UInt32) -> Int { Int(scalar < 0x80 ? ascii[Int(scalar)] : find(scalar)) }
}
