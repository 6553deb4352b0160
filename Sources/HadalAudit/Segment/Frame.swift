import Crypto

/// How entries lie in a segment behind its head, one after another. Numbers are little-endian.
///
/// | byte | |
/// | --- | --- |
/// | 0 | length of the payload, 32 bits |
/// | 4 | 1 record, 2 checkpoint, 3 tombstone |
/// | 5 | 0 plain, 1 a `SealedValue` |
/// | 6 | of a record its kind (1 request, 2 act, 3 log-in, 4 system), else 0 |
/// | 7 | 0 |
/// | 8 | sequence number of the record, or of the last one before a checkpoint, 64 bits |
/// | 16 | time, nanoseconds since 1970, 64 bits, signed |
/// | 24 | the first 8 bytes of SHA-256 over the frame's offset in the file (64 bits) and bytes 0 to 23 |
/// | 32 | payload |
/// | … | SHA-256 over the hash before (of the frame or the head before this one), bytes 0 to 31, payload |
///
/// The check tells a frame that a crash cut off from one whose length was changed.
struct FrameHeader: Sendable, Hashable {
    enum Kind: UInt8, Sendable {
        case record = 1
        case checkpoint = 2
        case tombstone = 3
    }

    static let size = 32
    static let hashSize = 32
    static let payloadLimit = 4 << 20
    private static let checkedSize = 24

    var length: Int
    var kind: Kind
    var isSealed = false
    var recordKind: AuditRecord.Kind?
    var sequence: UInt64
    var time: Int64

    /// Of the whole frame, in bytes.
    var frameSize: UInt64 { UInt64(Self.size + length + Self.hashSize) }

    func bytes(at offset: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.size)
        bytes.append(littleEndian: UInt32(length))
        bytes += [kind.rawValue, isSealed ? 1 : 0, recordKind?.number ?? 0, 0]
        bytes.append(littleEndian: sequence)
        bytes.append(littleEndian: time)
        return bytes + Self.check(bytes[...], offset)
    }

    /// Nil where the bytes are no frame's beginning at this place.
    init?(_ bytes: ArraySlice<UInt8>, offset: UInt64) {
        guard bytes.count == Self.size else { return nil }
        let checked = bytes.prefix(Self.checkedSize)
        guard Self.check(checked, offset).elementsEqual(bytes.suffix(Self.size - Self.checkedSize)) else { return nil }
        let head = Array(checked)
        guard let kind = Kind(rawValue: head[4]), head[5] <= 1, head[7] == 0 else { return nil }
        length = Int(head.littleEndian(at: 0, as: UInt32.self))
        guard length <= Self.payloadLimit else { return nil }
        self.kind = kind
        isSealed = head[5] == 1
        recordKind = AuditRecord.Kind(number: head[6])
        guard (kind == .record) == (recordKind != nil), kind == .record || (head[6] == 0 && !isSealed) else {
            return nil
        }
        sequence = head.littleEndian(at: 8, as: UInt64.self)
        // As in JSON; one more is always possible then.
        guard sequence <= Int64.max else { return nil }
        time = head.littleEndian(at: 16, as: Int64.self)
    }

    init(
        length: Int, kind: Kind, isSealed: Bool = false, recordKind: AuditRecord.Kind? = nil, sequence: UInt64,
        time: Int64
    ) {
        self.length = length
        self.kind = kind
        self.isSealed = isSealed
        self.recordKind = recordKind
        self.sequence = sequence
        self.time = time
    }

    private static func check(_ bytes: ArraySlice<UInt8>, _ offset: UInt64) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(8 + checkedSize)
        text.append(littleEndian: offset)
        text += bytes
        return Array(SHA256.hash(data: text).prefix(size - checkedSize))
    }
}

/// A frame as it stands in a file.
struct Frame: Sendable {
    var header: FrameHeader
    var offset: UInt64
    /// Header, payload and hash.
    var bytes: [UInt8]

    var payload: ArraySlice<UInt8> { bytes[FrameHeader.size..<(bytes.count - FrameHeader.hashSize)] }
    var hash: ArraySlice<UInt8> { bytes.suffix(FrameHeader.hashSize) }

    /// Whether it follows on `previous`.
    func follows(_ previous: [UInt8]) -> Bool {
        Chain.hash(previous, bytes.dropLast(FrameHeader.hashSize)).elementsEqual(hash)
    }

    static func make(_ header: FrameHeader, payload: [UInt8], offset: UInt64, previous: [UInt8]) -> Frame {
        let text = header.bytes(at: offset) + payload
        return Frame(header: header, offset: offset, bytes: text + Chain.hash(previous, text[...]))
    }
}

enum Chain {
    static func hash(_ previous: [UInt8], _ bytes: ArraySlice<UInt8>) -> SHA256.Digest {
        var hasher = SHA256()
        previous.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        return hasher.finalize()
    }
}

extension AuditRecord.Kind {
    var number: UInt8 {
        switch self {
        case .request: 1
        case .act: 2
        case .logIn: 3
        case .system: 4
        }
    }

    init?(number: UInt8) {
        guard let kind = Self.allCases.first(where: { $0.number == number }) else { return nil }
        self = kind
    }
}
