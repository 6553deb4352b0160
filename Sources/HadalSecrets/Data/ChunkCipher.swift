import Crypto
import Foundation

/// Encrypts a file chunk by chunk: the STREAM construction (Hoang, Reyhanitabar, Rogaway and Vizár, "Online
/// Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015) over AES-256-GCM.
///
/// A chunk's nonce is the file's prefix (7 bytes), the chunk's index (4 bytes, big-endian) and whether it is the last
/// (1 byte). So a chunk opens only in its place, and a file that lost its end does not open at all. The associated data
/// repeats both behind the hash of the header, so that a chunk opens only in its file.
///
/// The key belongs to one file, which is written once: no nonce is ever used for two different texts.
struct ChunkCipher: Sendable {
    static let prefixSize = 7
    static let tagSize = 16
    static let nonceSize = 12
    /// Plain bytes of a chunk that a header may ask for: powers of two from 4 KiB to 16 MiB.
    static let sizes: Set<Int> = Set((12...24).map { 1 << $0 })
    static let standardSize = 64 * 1024

    private let key: SymmetricKey
    private let prefix: [UInt8]
    private let headerHash: [UInt8]

    init(_ header: FileHeader, key: DataKey, headerBytes: [UInt8]) {
        self.key = key.derive(salt: header.salt, use: "file")
        prefix = header.noncePrefix
        headerHash = Array(SHA256.hash(data: headerBytes))
    }

    func nonce(_ index: UInt32, isLast: Bool) -> [UInt8] {
        var nonce = prefix
        nonce.reserveCapacity(Self.nonceSize)
        for shift in [24, 16, 8, 0] { nonce.append(UInt8(truncatingIfNeeded: index >> UInt32(shift))) }
        nonce.append(isLast ? 1 : 0)
        return nonce
    }

    private func associated(_ nonce: [UInt8]) -> [UInt8] { headerHash + nonce[Self.prefixSize...] }

    /// - Returns: the nonce, the encrypted bytes and the tag; the nonce is not written, as it follows from the place.
    func seal(
        _ plain: UnsafeRawBufferPointer, index: UInt32, isLast: Bool, path: String
    ) throws(SecretsError) -> Data {
        let nonce = nonce(index, isLast: isLast)
        guard
            let box = try? AES.GCM.seal(
                plain, using: key, nonce: AES.GCM.Nonce(data: nonce), authenticating: associated(nonce)),
            let combined = box.combined
        else { throw .badSettings(problem: "\(path): AES-256-GCM failed") }
        return combined
    }

    /// - Parameter chunk: as `seal` gave it; its nonce is written over.
    /// - Returns: nil where it is not what was sealed as this chunk.
    func open(_ chunk: inout Data, index: UInt32, isLast: Bool) -> Data? {
        let nonce = nonce(index, isLast: isLast)
        chunk.replaceSubrange(chunk.startIndex..<(chunk.startIndex + Self.nonceSize), with: nonce)
        guard let box = try? AES.GCM.SealedBox(combined: chunk) else { return nil }
        return try? AES.GCM.open(box, using: key, authenticating: associated(nonce))
    }
}
