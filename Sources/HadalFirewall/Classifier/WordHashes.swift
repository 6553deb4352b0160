/// The words of a part of a text: runs of letters and digits of scripts that separate words. Ideographs are found by
/// their characters.
struct WordHashes {
    private(set) var hashes: [UInt32] = []
    private(set) var starts: [UInt32] = []
    private(set) var ends: [UInt32] = []

    /// - Parameters:
    ///   - first: the place of the first scalar.
    ///   - goesOn: whether a word at the end is the beginning of one, and is left out.
    ///   - beganBefore: whether a word at the beginning is the rest of one, and is left out.
    init(of text: [UInt32], _ first: UInt32, goesOn: Bool, beganBefore: Bool) {
        var hash: UInt32 = 0
        var isInside = false
        for (place, scalar) in text.enumerated() {
            if Self.isInWord(scalar) {
                if !isInside {
                    starts.append(first + UInt32(place))
                    hash = FeatureHash.seed(2, 0)
                }
                hash = FeatureHash.mix(hash, scalar, FeatureHash.characterPrime)
                isInside = true
            } else if isInside {
                hashes.append(hash)
                ends.append(first + UInt32(place))
                isInside = false
            }
        }
        if isInside, goesOn {
            starts.removeLast()
        } else if isInside {
            hashes.append(hash)
            ends.append(first + UInt32(text.count))
        }
        if beganBefore, let start = starts.first, start == first {
            hashes.removeFirst()
            starts.removeFirst()
            ends.removeFirst()
        }
    }

    /// Digits are one digit here (`HashedFeatures`).
    @inline(__always)
    static func isInWord(_ scalar: UInt32) -> Bool {
        scalar &- 0x61 < 26 || scalar &- 0x30 < 10 || 0xC0..<0x2000 ~= scalar
    }
}
