import Crypto

/// Vouches for the records of a `PrefixFile`: by sums, which tell damage, or with a key by encryption, which tells
/// what somebody has changed too.
struct PrefixSeal: Sendable {
    /// Bytes that vouch for a payload.
    static let byteCount = 32
    private static let nonceBytes = 12
    private static let tagBytes = 16

    let identity: [UInt8]
    let key: PrefixKey?

    /// Of the bytes that a record begins with.
    func sum(ofHead head: some Collection<UInt8>) -> [UInt8] {
        guard let key else { return Array(SHA256.hash(data: identity + head)) }
        return Array(HMAC<SHA256>.authenticationCode(for: identity + head, using: key.heads))
    }

    /// Makes of a payload what goes to the disk.
    ///
    /// - Parameter head: what the record begins with: stamp and name.
    /// - Returns: what vouches for it: its SHA-256, or nonce, tag and zeros.
    func close(_ payload: UnsafeMutableRawBufferPointer, head: [UInt8]) throws -> [UInt8] {
        guard let key else { return Self.sum(of: payload) }
        let box = try AES.GCM.seal(
            UnsafeRawBufferPointer(payload), using: recordKey(key, head), authenticating: identity + head)
        payload.copyBytes(from: box.ciphertext)
        let seal = Array(box.nonce) + box.tag
        return seal + Array(repeating: 0, count: Self.byteCount - seal.count)
    }

    /// The other way.
    /// - Returns: whether the payload is what `close` was given; else it is not to be used.
    func open(_ payload: UnsafeMutableRawBufferPointer, seal: [UInt8], head: [UInt8]) -> Bool {
        guard let key else { return Self.sum(of: payload) == seal }
        guard let nonce = try? AES.GCM.Nonce(data: seal[..<Self.nonceBytes]),
            let box = try? AES.GCM.SealedBox(
                nonce: nonce, ciphertext: UnsafeRawBufferPointer(payload),
                tag: seal[Self.nonceBytes..<Self.nonceBytes + Self.tagBytes]),
            let plain = try? AES.GCM.open(box, using: recordKey(key, head), authenticating: identity + head)
        else { return false }
        payload.copyBytes(from: plain)
        return true
    }

    private static func sum(of payload: UnsafeMutableRawBufferPointer) -> [UInt8] {
        var hash = SHA256()
        hash.update(bufferPointer: UnsafeRawBufferPointer(payload))
        return Array(hash.finalize())
    }

    /// One for each name and stamp, so that no key sees more than a few random nonces.
    private func recordKey(_ key: PrefixKey, _ head: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: key.records, salt: head, info: [UInt8](), outputByteCount: 32)
    }
}
