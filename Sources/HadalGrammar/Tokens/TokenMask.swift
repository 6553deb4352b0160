/// Which tokens may come next.
public struct TokenMask: Sendable, Hashable {
    private enum Storage: Sendable, Hashable {
        /// In order.
        case few([Int32])
        /// A bit for each token.
        case many([UInt64])
    }

    /// Of the vocabulary.
    public let vocabulary: Int
    private let storage: Storage

    /// As many take less room as a list than as bits.
    static func fewMax(_ vocabulary: Int) -> Int { vocabulary / 32 }

    init(vocabulary: Int, few tokens: [Int32]) {
        self.vocabulary = vocabulary
        storage = .few(tokens.sorted())
    }

    init(vocabulary: Int, bits: [UInt64]) {
        self.vocabulary = vocabulary
        storage = .many(bits)
    }

    public func contains(_ token: Int32) -> Bool {
        guard token >= 0, token < vocabulary else { return false }
        switch storage {
        case .few(let tokens): return tokens.contains(token)
        case .many(let bits): return bits[Int(token) / 64] >> UInt64(token % 64) & 1 == 1
        }
    }

    public var count: Int {
        switch storage {
        case .few(let tokens): tokens.count
        case .many(let bits): bits.reduce(0) { $0 + $1.nonzeroBitCount }
        }
    }

    public var isEmpty: Bool {
        switch storage {
        case .few(let tokens): tokens.isEmpty
        case .many(let bits): bits.allSatisfy { $0 == 0 }
        }
    }

    public var tokens: [Int32] {
        switch storage {
        case .few(let tokens): tokens
        case .many: (0..<Int32(vocabulary)).filter { contains($0) }
        }
    }

    /// In memory.
    var bytes: Int {
        switch storage {
        case .few(let tokens): tokens.count * 4
        case .many(let bits): bits.count * 8
        }
    }

    /// Sets the logits of all tokens to −∞ that are neither in the mask nor in `exceptions`.
    public func apply(to logits: UnsafeMutableBufferPointer<Float>, allowing exceptions: some Sequence<Int32> = []) {
        let kept = exceptions.filter { $0 >= 0 && Int($0) < logits.count }.map { ($0, logits[Int($0)]) }
        switch storage {
        case .few(let tokens):
            let values = tokens.map { Int($0) < logits.count ? logits[Int($0)] : -.infinity }
            logits.update(repeating: -.infinity)
            for (token, value) in zip(tokens, values) where Int(token) < logits.count { logits[Int(token)] = value }
        case .many(let bits):
            for (index, word) in bits.enumerated() where word != .max {
                let start = index * 64
                for bit in 0..<min(64, max(0, logits.count - start)) where word >> UInt64(bit) & 1 == 0 {
                    logits[start + bit] = -.infinity
                }
            }
            // A model's output may be wider than its vocabulary.
            for index in min(vocabulary, logits.count)..<logits.count { logits[index] = -.infinity }
        }
        for (token, value) in kept { logits[Int(token)] = value }
    }
}
