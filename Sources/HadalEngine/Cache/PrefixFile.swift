import Crypto
import Foundation

/// Cache blocks in a file: a head that says whose they are, and records of one size in numbered slots.
///
/// ```
/// head    "HADALKV1", identity (32 bytes), payload bytes (8), SHA-256 of these; padded to 512
/// record  "HADALREC", stamp (8), digest (32), seal of the payload (32), sum of identity and all before (32),
///         padded to 128; payload; padded to a multiple of 512
/// ```
/// Numbers are little-endian. Seal and sum are SHA-256. With a key the payload is encrypted (AES-256-GCM), its seal is
/// nonce (12) and tag (16), and the sum HMAC-SHA256. A record that was not written to its end, or changed since, does not
/// match. The file is locked until `unlock`.
package final class PrefixFile: Sendable {
    package struct Entry: Sendable, Hashable {
        package var slot: Int
        package var digest: PrefixDigest
        /// Later records have larger ones.
        package var stamp: UInt64
    }

    package enum Problem: Error, Sendable, Hashable, CustomStringConvertible {
        case system(String, path: String)
        case inUse(path: String)

        package var description: String {
            switch self {
            case .system(let problem, let path): "\(path): \(problem)"
            case .inUse(let path): "\(path) is used by another worker"
            }
        }
    }

    private static let magic = Array("HADALKV1".utf8)
    private static let recordMagic = Array("HADALREC".utf8)
    private static let headBytes = 512
    package static let recordHeadBytes = 128

    package let path: String
    package let payloadBytes: Int
    package let slots: Int
    private let seal: PrefixSeal
    private let descriptor: Int32
    private let stride: Int

    /// Opens a file or makes it.
    ///
    /// - Parameters:
    ///   - identity: 32 bytes; what a block's bytes depend on beside its tokens.
    ///   - bytesMax: what lies beyond is cut off.
    ///   - key: nil: blocks lie there as they are.
    ///   - warn: told why a file's content cannot be used; it is then replaced.
    package init(
        path: String, identity: [UInt8], payloadBytes: Int, bytesMax: Int, key: PrefixKey? = nil,
        warn: (String) -> Void
    ) throws(Problem) {
        precondition(identity.count == PrefixDigest.byteCount && payloadBytes > 0)
        self.path = path
        seal = PrefixSeal(identity: identity, key: key)
        self.payloadBytes = payloadBytes
        stride = (Self.recordHeadBytes + payloadBytes + 511) / 512 * 512
        slots = max(0, (bytesMax - Self.headBytes) / stride)
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system(String(cString: strerror(errno)), path: path) }
        // From here on the deinitialiser closes it, also where this throws.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .inUse(path: path) }
        let head = Self.head(identity: identity, payloadBytes: payloadBytes)
        let found = read(at: 0, count: head.count)
        if found != head {
            if !found.isEmpty { warn("\(path) is damaged or not a prefix cache of this model, and is replaced") }
            guard ftruncate(descriptor, 0) == 0, write(head, at: 0) else {
                throw .system(String(cString: strerror(errno)), path: path)
            }
        } else if size > Self.headBytes + slots * stride {
            _ = ftruncate(descriptor, off_t(Self.headBytes + slots * stride))
        }
    }

    deinit { close(descriptor) }

    /// Lets others open the file. Nothing may be read or written afterwards.
    package func unlock() { flock(descriptor, LOCK_UN) }

    /// Removes a file that nobody has open.
    package static func removeUnlessUsed(_ path: String) {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
        close(descriptor)
    }

    private var size: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// The records whose heads are whole. Their payloads are checked when they are read.
    package func entries() -> [Entry] {
        // The last record is not padded.
        let padding = stride - Self.recordHeadBytes - payloadBytes
        return (0..<min(slots, max(0, size - Self.headBytes + padding) / stride)).compactMap { slot in
            let head = read(at: place(slot), count: Self.recordHeadBytes)
            guard head.count == Self.recordHeadBytes, head.starts(with: Self.recordMagic),
                Array(head[80..<112]) == seal.sum(ofHead: head[..<80])
            else { return nil }
            return head.withUnsafeBytes { head in
                Entry(
                    slot: slot, digest: PrefixDigest(UnsafeRawBufferPointer(rebasing: head[16..<48])),
                    stamp: UInt64(littleEndian: head.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
            }
        }
    }

    /// - Parameter record: `recordHeadBytes`, then the payload; both are overwritten.
    package func write(_ record: inout [UInt8], entry: Entry) throws(Problem) {
        precondition(record.count == Self.recordHeadBytes + payloadBytes && (0..<slots).contains(entry.slot))
        var head = Self.recordMagic + withUnsafeBytes(of: entry.stamp.littleEndian) { Array($0) } + entry.digest.bytes
        let payloadSeal = record.withUnsafeMutableBytes { [head] bytes in
            try? seal.close(UnsafeMutableRawBufferPointer(rebasing: bytes[Self.recordHeadBytes...]), head: head)
        }
        guard let payloadSeal else { throw .system("a block cannot be encrypted", path: path) }
        head += payloadSeal
        head += seal.sum(ofHead: head)
        head += Array(repeating: 0, count: Self.recordHeadBytes - head.count)
        record.replaceSubrange(..<Self.recordHeadBytes, with: head)
        guard write(record, at: place(entry.slot)) else {
            throw .system(String(cString: strerror(errno)), path: path)
        }
    }

    /// - Parameter record: filled; its payload follows `recordHeadBytes`.
    /// - Returns: whether the slot holds the block of this digest, undamaged.
    package func read(slot: Int, digest: PrefixDigest, into record: inout [UInt8]) -> Bool {
        precondition(record.count == Self.recordHeadBytes + payloadBytes && (0..<slots).contains(slot))
        guard read(at: place(slot), into: &record) == record.count, record.starts(with: Self.recordMagic),
            Array(record[80..<112]) == seal.sum(ofHead: record[..<80]), Array(record[16..<48]) == digest.bytes
        else { return false }
        let (head, payloadSeal) = (Array(record[..<48]), Array(record[48..<80]))
        return record.withUnsafeMutableBytes { bytes in
            seal.open(
                UnsafeMutableRawBufferPointer(rebasing: bytes[Self.recordHeadBytes...]), seal: payloadSeal, head: head)
        }
    }

    // MARK: bytes

    private static func head(identity: [UInt8], payloadBytes: Int) -> [UInt8] {
        var head = magic + identity + withUnsafeBytes(of: UInt64(payloadBytes).littleEndian) { Array($0) }
        head += Array(SHA256.hash(data: head))
        return head + Array(repeating: 0, count: headBytes - head.count)
    }

    private func place(_ slot: Int) -> Int { Self.headBytes + slot * stride }

    private func read(at offset: Int, count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let read = read(at: offset, into: &bytes)
        return Array(bytes[..<read])
    }

    private func read(at offset: Int, into bytes: inout [UInt8]) -> Int {
        bytes.withUnsafeMutableBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = pread(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
                if count < 0, errno == EINTR { continue }
                if count <= 0 { break }
                done += count
            }
            return done
        }
    }

    private func write(_ bytes: [UInt8], at offset: Int) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
                if count < 0, errno == EINTR { continue }
                if count <= 0 { return false }
                done += count
            }
            return true
        }
    }
}
