import HadalJSON
import HadalRouting
import HadalWire

extension Work {
    /// What a worker's request takes, by a guess, and the beginnings of its prompt.
    init(_ request: WorkerRequest) {
        var bytes: [UInt8] = []
        for tool in request.tools.active { bytes += tool.bytes }
        switch request.prompt {
        case .messages(let messages, _): for message in messages { bytes += message.bytes }
        case .infill(let before, let after): bytes += Array((before + after).utf8)
        case .plain(.text(let text)): bytes += Array(text.utf8)
        case .plain(.tokens(let tokens)):
            for token in tokens {
                for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: token >> shift)) }
            }
        }
        let answer = request.maximumTokens ?? Self.assumedAnswerTokens
        self.init(
            tokens: bytes.count / Self.bytesPerToken + answer,
            prefixes: Self.prefixes(bytes, tenant: request.tenant))
    }

    private static let assumedAnswerTokens = 512
    private static let bytesPerToken = 4
    /// The shortest beginning that it is worth to go to the same worker for, and the longest that is looked at.
    private static let lengths = 512...131_072

    /// Beginnings of twice the length each. (FNV-1a over the tenant, then the bytes.)
    private static func prefixes(_ bytes: [UInt8], tenant: String) -> [PrefixDigest] {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        // 0xFF is in no UTF-8, so that a tenant's end is told from a prompt's beginning.
        for byte in Array(tenant.utf8) + [0xFF] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var prefixes: [PrefixDigest] = []
        var next = lengths.lowerBound
        for (index, byte) in bytes.prefix(lengths.upperBound).enumerated() {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
            if index + 1 == next {
                prefixes.append(PrefixDigest(digest: hash, tokens: next / bytesPerToken))
                next *= 2
            }
        }
        return prefixes
    }
}
