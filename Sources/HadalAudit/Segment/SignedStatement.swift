import Crypto
import Foundation
import HadalJSON

/// A text in canonical JSON and the Ed25519 signature over its bytes.
struct SignedStatement: Sendable, Hashable {
    static let signatureSize = 64

    let text: [UInt8]
    let signature: [UInt8]

    init(_ text: [UInt8], by key: Curve25519.Signing.PrivateKey, path: String) throws(AuditError) {
        self.text = text
        guard let signature = try? key.signature(for: text) else {
            throw .badKey(path: path, problem: "the key does not sign")
        }
        self.signature = Array(signature)
    }

    /// From a frame: the text, then the signature.
    init?(payload: ArraySlice<UInt8>) {
        guard payload.count > Self.signatureSize else { return nil }
        text = Array(payload.dropLast(Self.signatureSize))
        signature = Array(payload.suffix(Self.signatureSize))
    }

    /// From a text file: the text, a tab, the signature in base64.
    init?(line: some StringProtocol) {
        let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard parts.count == 2, let signature = Data(base64Encoded: String(parts[1])),
            signature.count == Self.signatureSize
        else { return nil }
        text = Array(parts[0].utf8)
        self.signature = Array(signature)
        // Base64 has several forms of the same bytes.
        guard self.line == line else { return nil }
    }

    var payload: [UInt8] { text + signature }
    var line: String { String(decoding: text, as: UTF8.self) + "\t" + signature.base64 }

    func isSigned(by key: Curve25519.Signing.PublicKey) -> Bool { key.isValidSignature(signature, for: text) }
}

/// What a checkpoint or tombstone says. All before it in the chain is signed with it.
struct ChainStatement: Sendable, Hashable {
    /// Why a checkpoint was made.
    enum Reason: String, Sendable {
        /// The segment's first frame.
        case start
        case interval
        /// Nothing follows in this segment.
        case end
    }

    struct Removed: Sendable, Hashable {
        var first: UInt64
        var last: UInt64
        /// Of the segment's last frame, which the segment behind it names as its previous.
        var hash: String
    }

    enum Content: Sendable, Hashable {
        case checkpoint(Reason)
        /// Segments and contents files that have passed their time.
        case tombstone(segments: [Removed], contents: [UInt64])
    }

    var trail: String
    var key: AuditKeyID
    var segment: UInt64
    var sequence: UInt64
    /// The hash of the frame or head before, in hexadecimal.
    var head: String
    var time: Int64
    var content: Content

    var bytes: [UInt8] {
        var writer = CanonicalWriter()
        if case .tombstone(_, let contents) = content {
            writer.member("contents", .array(contents.map { .int(Int64(clamping: $0)) }))
        }
        writer.member("head", head)
        writer.member("key", key.text)
        if case .checkpoint(let reason) = content { writer.member("reason", reason.rawValue) }
        writer.member("segment", segment)
        if case .tombstone(let segments, _) = content {
            writer.member(
                "segments",
                .array(
                    segments.map {
                        [
                            "first": .int(Int64(clamping: $0.first)), "hash": .string($0.hash),
                            "last": .int(Int64(clamping: $0.last)),
                        ]
                    }))
        }
        writer.member("sequence", sequence)
        writer.member("statement", name)
        writer.member("time", JSON.int(time))
        writer.member("trail", trail)
        return writer.finish()
    }

    private var name: String {
        switch content {
        case .checkpoint: "hadal audit checkpoint 1"
        case .tombstone: "hadal audit tombstone 1"
        }
    }
}
