/// The n-grams of characters and of words that a folded text has, each as a bucket of a hash table and where it stands.
/// `Firewall/features.py` computes the same ones for training; the tests compare both on the same texts.
///
/// Digits count as one digit, a line end as a space, and a space stands before and after the text. Words are runs of
/// letters and digits of scripts that separate words.
struct HashedFeatures: Sendable {
    static let characters = 2...5
    static let words = 1...3

    /// The n-grams of one kind, in the order of their starts.
    private struct Grams {
        var buckets: [UInt32] = []
        /// Scalars of the text with the space before it.
        var starts: [UInt32] = []
        var ends: [UInt32] = []
    }

    /// One list for characters, one for words.
    private var grams: [Grams] = []

    /// - Parameter part: of the text; n-grams that reach beyond it are left out.
    init(_ text: [UInt32], in part: Range<Int>) {
        var scalars: [UInt32] = part.lowerBound == 0 ? [0x20] : []
        scalars.reserveCapacity(part.count + 2)
        let first = UInt32(part.lowerBound == 0 ? 0 : part.lowerBound + 1)
        for scalar in text[part] {
            scalars.append(scalar &- 0x30 < 10 ? 0x30 : scalar == 0x0A ? 0x20 : scalar)
        }
        if part.upperBound == text.count { scalars.append(0x20) }
        let starts = scalars.indices.map { first + UInt32($0) }
        let ends = starts.map { $0 + 1 }
        grams.append(
            Self.grams(scalars, starts: starts, ends: ends, kind: 0, Self.characters, FeatureHash.characterPrime))
        let words = WordHashes(
            of: scalars, first, goesOn: part.upperBound < text.count && WordHashes.isInWord(text[part.upperBound]),
            beganBefore: part.lowerBound > 0 && WordHashes.isInWord(text[part.lowerBound - 1]))
        grams.append(
            Self.grams(
                words.hashes, starts: words.starts, ends: words.ends, kind: 1, Self.words, FeatureHash.wordPrime))
    }

    /// Calls `visit` with each bucket that stands within a window once.
    ///
    /// - Parameters:
    ///   - window: scalars of the text; the spaces around the text belong to a window that reaches its end.
    ///   - seen: a bit for each bucket, all of them 0; they are again afterwards.
    @inline(__always)
    func visit(
        _ window: Range<Int>, of count: Int, _ seen: UnsafeMutableBufferPointer<UInt64>, _ visit: (Int) -> Void
    ) {
        let first = UInt32(window.lowerBound == 0 ? 0 : window.lowerBound + 1)
        let last = UInt32(window.upperBound == count ? count + 2 : window.upperBound + 1)
        for grams in grams {
            grams.buckets.withUnsafeBufferPointer { buckets in
                grams.ends.withUnsafeBufferPointer { ends in
                    for place in Self.index(of: first, in: grams.starts)..<Self.index(of: last, in: grams.starts)
                    where ends[place] <= last {
                        let bucket = Int(buckets[place])
                        let bit = UInt64(1) << UInt64(bucket & 63)
                        if seen[bucket >> 6] & bit == 0 {
                            seen[bucket >> 6] |= bit
                            visit(bucket)
                        }
                    }
                }
            }
        }
        seen.update(repeating: 0)
    }

    /// The first n-gram that starts at `place` or after it.
    private static func index(of place: UInt32, in starts: [UInt32]) -> Int {
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func grams(
        _ values: [UInt32], starts: [UInt32], ends: [UInt32], kind: UInt32, _ lengths: ClosedRange<Int>,
        _ prime: UInt32
    ) -> Grams {
        let start = FeatureHash.seed(kind, 0)
        let salts = (0...lengths.upperBound).map { FeatureHash.seed(kind, UInt32($0)) }
        var grams = Grams()
        let most = values.count * lengths.count
        grams.buckets.reserveCapacity(most)
        grams.starts.reserveCapacity(most)
        grams.ends.reserveCapacity(most)
        for place in values.indices {
            var hash = start
            for length in 1...min(lengths.upperBound, values.count - place) {
                hash = FeatureHash.mix(hash, values[place + length - 1], prime)
                guard length >= lengths.lowerBound else { continue }
                grams.buckets.append(FeatureHash.finish(hash ^ salts[length]))
                grams.starts.append(starts[place])
                grams.ends.append(ends[place + length - 1])
            }
        }
        return grams
    }
}
