/// Numbers below a limit in the order in which they were put in: a doubly linked list in two arrays. Every operation is
/// O(1) and allocates nothing.
package struct RecencyList {
    private static let absent: Int32 = -1

    /// Of each number; the last place, which is no number, closes the ring.
    private var next: [Int32]
    private var previous: [Int32]
    package private(set) var count = 0

    package init(limit: Int) {
        next = Array(repeating: Self.absent, count: limit + 1)
        previous = next
        next[limit] = Int32(limit)
        previous[limit] = Int32(limit)
    }

    private var ring: Int { next.count - 1 }

    /// The number that was put in first.
    package var first: Int32? { count == 0 ? nil : next[ring] }

    package func contains(_ number: Int32) -> Bool { next[Int(number)] != Self.absent }

    /// - Precondition: the number is not there.
    package mutating func append(_ number: Int32) {
        precondition(!contains(number) && Int(number) < ring)
        let last = previous[ring]
        next[Int(last)] = number
        previous[Int(number)] = last
        next[Int(number)] = Int32(ring)
        previous[ring] = number
        count += 1
    }

    /// - Precondition: the number is there.
    package mutating func remove(_ number: Int32) {
        precondition(contains(number) && Int(number) < ring)
        next[Int(previous[Int(number)])] = next[Int(number)]
        previous[Int(next[Int(number)])] = previous[Int(number)]
        next[Int(number)] = Self.absent
        previous[Int(number)] = Self.absent
        count -= 1
    }

    /// The numbers, the one put in first being the first.
    package var elements: [Int32] {
        var result: [Int32] = []
        var number = next[ring]
        while Int(number) != ring {
            result.append(number)
            number = next[Int(number)]
        }
        return result
    }
}
