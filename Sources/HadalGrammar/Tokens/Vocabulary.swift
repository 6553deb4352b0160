/// A tokenizer's tokens as bytes, arranged for looking many of them up at once. Made once for a model.
///
/// Most tokens of a large vocabulary are *plain*: whole characters, none of which is a control character, a quote or a
/// backslash. Inside a string of JSON all of them are allowed until it gets too long, so they are kept apart, by their
/// number of characters.
public final class Vocabulary: Sendable {
    /// Longer tokens are never allowed by a grammar.
    static let tokenBytesMax = 1024
    /// Tokens of more characters count as not plain.
    static let plainCharactersMax = 32

    public let count: Int
    /// Of each token's bytes, in `bytes`: from its entry up to the next one's.
    private let first: [Int32]
    private let bytes: [UInt8]
    let all: TokenTrie
    /// Those that are not plain.
    let others: TokenTrie
    /// Bit sets of the plain tokens of at most so many characters.
    let plain: [[UInt64]]

    /// - Parameter tokens: the bytes of each id; none for those that stand for no text, such as control tokens. No
    ///   grammar allows these.
    public init(_ tokens: [[UInt8]]) {
        count = tokens.count
        var first: [Int32] = [0]
        first.reserveCapacity(tokens.count + 1)
        var bytes: [UInt8] = []
        for token in tokens {
            if token.count <= Vocabulary.tokenBytesMax { bytes += token }
            first.append(Int32(bytes.count))
        }
        self.first = first
        self.bytes = bytes
        func text(_ token: Int32) -> ArraySlice<UInt8> { bytes[Int(first[Int(token)])..<Int(first[Int(token) + 1])] }

        let sorted = bytes.withUnsafeBufferPointer { bytes in
            (0..<Int32(tokens.count)).filter { first[Int($0)] < first[Int($0) + 1] }.sorted { left, right in
                let (leftStart, rightStart) = (Int(first[Int(left)]), Int(first[Int(right)]))
                let leftCount = Int(first[Int(left) + 1]) - leftStart
                let rightCount = Int(first[Int(right) + 1]) - rightStart
                for index in 0..<min(leftCount, rightCount) {
                    let (a, b) = (bytes[leftStart + index], bytes[rightStart + index])
                    if a != b { return a < b }
                }
                return (leftCount, left) < (rightCount, right)
            }
        }
        let words = (tokens.count + 63) / 64
        var plain = [[UInt64]](
            repeating: [UInt64](repeating: 0, count: words), count: Vocabulary.plainCharactersMax + 1)
        var others: [Int32] = []
        for token in sorted {
            if let characters = Vocabulary.plainCharacters(in: text(token)) {
                plain[characters][Int(token) / 64] |= 1 << UInt64(token % 64)
            } else {
                others.append(token)
            }
        }
        for characters in 1...Vocabulary.plainCharactersMax {
            for word in 0..<words { plain[characters][word] |= plain[characters - 1][word] }
        }
        self.plain = plain
        all = TokenTrie(sorted, bytes: text)
        self.others = TokenTrie(others, bytes: text)
    }

    public func bytes(of token: Int32) -> ArraySlice<UInt8> {
        guard token >= 0, token < count else { return [] }
        return bytes[Int(first[Int(token)])..<Int(first[Int(token) + 1])]
    }

    /// Of the longest token.
    var tokenBytesMax: Int { all.depthMax }

    /// How many characters a plain token has; nil where it is none.
    private static func plainCharacters(in text: ArraySlice<UInt8>) -> Int? {
        guard String(validating: text, as: UTF8.self) != nil else { return nil }
        var count = 0
        for byte in text {
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return nil }
            if byte & 0xC0 != 0x80 { count += 1 }
        }
        return count <= plainCharactersMax ? count : nil
    }
}
