import Foundation

/// Whole files at once.
public enum EncryptedFile {
    /// Replaces the file in one step.
    public static func write(
        _ bytes: [UInt8], to path: String, keys: DataKeys, purpose: DataPurpose, context: String
    ) throws(SecretsError) {
        let writer = try EncryptedFileWriter(path, keys: keys, purpose: purpose, context: context)
        try writer.write(bytes)
        try writer.finish()
    }

    /// - Parameter limit: more bytes than this are refused.
    public static func read(
        _ path: String, keys: DataKeys, context: String? = nil, limit: Int
    ) throws(SecretsError) -> [UInt8] {
        let reader = try EncryptedFileReader(path, keys: keys, context: context)
        guard reader.count <= UInt64(limit) else {
            throw .tooLarge(path: path, problem: "\(reader.count) bytes where at most \(limit) are expected")
        }
        return try reader.read(at: 0, count: limit)
    }

    /// Whether a file begins like one that Hadal encrypted.
    public static func isEncrypted(_ path: String) throws(SecretsError) -> Bool {
        isEncrypted(beginning: try OpenFile(path, O_RDONLY).read(at: 0, count: FileHeader.magic.count))
    }

    /// - Parameter bytes: the first of a file.
    public static func isEncrypted(beginning bytes: [UInt8]) -> Bool { bytes.starts(with: FileHeader.magic) }

    /// How many bytes an encrypted file holds, as its size and its header say it: no key is needed, and nothing checked.
    /// nil: it is not encrypted.
    public static func plainSize(_ path: String) throws(SecretsError) -> UInt64? {
        let file = try OpenFile(path, O_RDONLY)
        let start = try file.read(at: 0, count: FileHeader.sizeLimit)
        guard isEncrypted(beginning: start) else { return nil }
        let (header, headerSize) = try FileHeader.parse(start, path: path)
        guard header.layout == .file else { return nil }
        return try ChunkLayout(
            fileSize: try file.size(), headerSize: headerSize, chunkSize: header.chunkSize, path: path
        ).count
    }

    /// Encrypts a file of any size into another.
    public static func encrypt(
        _ source: String, to path: String, keys: DataKeys, purpose: DataPurpose, context: String
    ) throws(SecretsError) {
        guard access(path, F_OK) != 0 else { throw .alreadyExists(path: path) }
        let file = try OpenFile(source, O_RDONLY)
        let writer = try EncryptedFileWriter(path, keys: keys, purpose: purpose, context: context)
        var offset: UInt64 = 0
        while true {
            let piece = try file.read(at: offset, count: 1 << 20)
            if piece.isEmpty { break }
            try writer.write(piece)
            offset += UInt64(piece.count)
        }
        try writer.finish(replacing: false)
    }

    /// The other way. The file appears only when all of it was checked; only its owner may read it.
    public static func decrypt(
        _ source: String, to path: String, keys: DataKeys, context: String? = nil
    ) throws(SecretsError) {
        guard access(path, F_OK) != 0 else { throw .alreadyExists(path: path) }
        let reader = try EncryptedFileReader(source, keys: keys, context: context)
        let file = try NewFile(path)
        try reader.forEachChunk { plain throws(SecretsError) in try file.write(plain) }
        try file.finish(replacing: false)
    }
}
