import Crypto
import Foundation

/// How an encrypted file begins. It never changes once it is written. Numbers are little-endian.
///
/// | byte | |
/// | --- | --- |
/// | 0 | `HADALENC` |
/// | 8 | version of the format: 1 |
/// | 9 | layout: 0 file of chunks, 1 log of records |
/// | 10 | length of the header in bytes, 16 bits |
/// | 12 | plain bytes of a chunk, 32 bits; 0 in a log |
/// | 16 | id of the data key |
/// | 32 | salt from which this file's own key is derived |
/// | 64 | prefix of the chunks' nonces, 7 bytes; 0 in a log |
/// | 71 | 0 |
/// | 72 | length of the context in bytes, 16 bits |
/// | 74 | context, UTF-8 |
/// | … | HMAC-SHA256 of all before it |
struct FileHeader: Sendable {
    enum Layout: UInt8, Sendable {
        case file = 0
        case log = 1
    }

    static let magic = Array("HADALENC".utf8)
    static let contextLimit = 1024
    private static let fixedSize = 74
    private static let macSize = 32
    private static let contextLengthOffset = 72
    static let sizeLimit = fixedSize + contextLimit + macSize

    let layout: Layout
    let chunkSize: Int
    let keyID: DataKeyID
    let salt: [UInt8]
    let noncePrefix: [UInt8]
    let context: String

    init(layout: Layout, chunkSize: Int, keyID: DataKeyID, context: String) {
        self.layout = layout
        self.chunkSize = chunkSize
        self.keyID = keyID
        salt = SymmetricKey(size: .bits256).bytes()
        noncePrefix =
            layout == .file
            ? SymmetricKey(size: .init(bitCount: 8 * ChunkCipher.prefixSize)).bytes()
            : [UInt8](repeating: 0, count: ChunkCipher.prefixSize)
        self.context = context
    }

    func bytes(key: DataKey) -> [UInt8] {
        let text = Array(context.utf8)
        var bytes = Self.magic + [1, layout.rawValue]
        bytes.append(littleEndian: UInt16(Self.fixedSize + text.count + Self.macSize))
        bytes.append(littleEndian: UInt32(chunkSize))
        bytes += keyID.bytes + salt + noncePrefix + [0]
        bytes.append(littleEndian: UInt16(text.count))
        bytes += text
        return bytes + HMAC<SHA256>.authenticationCode(for: bytes, using: Self.macKey(key, salt: salt))
    }

    private static func macKey(_ key: DataKey, salt: [UInt8]) -> SymmetricKey { key.derive(salt: salt, use: "header") }

    /// Reads what is at the beginning of a file.
    /// - Returns: the header, its data key and its bytes.
    static func read(
        _ file: OpenFile, layout: Layout, keys: DataKeys
    ) throws(SecretsError) -> (header: FileHeader, key: DataKey, bytes: [UInt8]) {
        let start = try file.read(at: 0, count: sizeLimit)
        let (header, size) = try parse(start, path: file.path)
        guard header.layout == layout else {
            throw .unsupported(
                path: file.path, problem: layout == .file ? "this is a log, not a file" : "this is a file, not a log")
        }
        let key = try keys.key(header.keyID, of: file.path)
        let signed = start[..<(size - macSize)]
        guard
            HMAC<SHA256>.isValidAuthenticationCode(
                start[signed.endIndex..<size], authenticating: signed, using: macKey(key, salt: header.salt))
        else { throw .damaged(path: file.path, part: "header", offset: 0) }
        return (header, key, Array(start[..<size]))
    }

    /// Takes the fields apart; what they say is not to be trusted before the HMAC was checked.
    /// - Returns: the header and its size in bytes.
    static func parse(_ bytes: [UInt8], path: String) throws(SecretsError) -> (header: FileHeader, size: Int) {
        guard bytes.starts(with: magic) else {
            // An empty file, or a few bytes of one of ours.
            if magic.starts(with: bytes) { throw .incomplete(path: path, size: UInt64(bytes.count)) }
            throw .notEncrypted(path: path)
        }
        guard bytes.count >= fixedSize else { throw .incomplete(path: path, size: UInt64(bytes.count)) }
        guard bytes[8] == 1 else {
            throw .unsupported(path: path, problem: "format \(bytes[8]); this version of Hadal reads format 1")
        }
        guard let layout = Layout(rawValue: bytes[9]), bytes[71] == 0 else {
            throw .damaged(path: path, part: "header", offset: 9)
        }
        let contextLength = Int(bytes.littleEndian(at: contextLengthOffset, as: UInt16.self))
        let size = fixedSize + contextLength + macSize
        guard contextLength <= contextLimit, Int(bytes.littleEndian(at: 10, as: UInt16.self)) == size else {
            throw .damaged(path: path, part: "header's length", offset: 10)
        }
        guard bytes.count >= size else { throw .incomplete(path: path, size: UInt64(bytes.count)) }
        let chunkSize = Int(bytes.littleEndian(at: 12, as: UInt32.self))
        guard layout == .log ? chunkSize == 0 : ChunkCipher.sizes.contains(chunkSize) else {
            throw .damaged(path: path, part: "header's chunk size", offset: 12)
        }
        let text = bytes[fixedSize..<(fixedSize + contextLength)]
        guard let context = String(validating: text, as: UTF8.self) else {
            throw .damaged(path: path, part: "header's context", offset: UInt64(fixedSize))
        }
        let header = FileHeader(
            layout: layout, chunkSize: chunkSize, keyID: DataKeyID(Array(bytes[16..<32])), salt: Array(bytes[32..<64]),
            noncePrefix: Array(bytes[64..<71]), context: context)
        return (header, size)
    }

    private init(
        layout: Layout, chunkSize: Int, keyID: DataKeyID, salt: [UInt8], noncePrefix: [UInt8], context: String
    ) {
        self.layout = layout
        self.chunkSize = chunkSize
        self.keyID = keyID
        self.salt = salt
        self.noncePrefix = noncePrefix
        self.context = context
    }

    func check(context wanted: String?, path: String) throws(SecretsError) {
        guard let wanted, wanted != context else { return }
        throw .otherContext(path: path, found: context, wanted: wanted)
    }

    static func check(length context: String, path: String) throws(SecretsError) {
        guard context.utf8.count <= contextLimit else {
            throw .tooLarge(path: path, problem: "its context is longer than \(contextLimit) bytes")
        }
    }
}

extension [UInt8] {
    mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// The caller has checked that the bytes are there.
    func littleEndian<Value: FixedWidthInteger & UnsignedInteger>(at offset: Int, as: Value.Type) -> Value {
        self[offset..<(offset + Value.bitWidth / 8)].reversed().reduce(0) { $0 << 8 | Value($1) }
    }
}
