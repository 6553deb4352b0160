import Foundation

/// Writes a file from start to end, encrypted, in constant memory. It appears under its name with `finish`, when it is
/// whole and on the disk; until then what was there before stays.
public final class EncryptedFileWriter {
    private let path: String
    private let file: NewFile
    private let cipher: ChunkCipher
    private let chunkSize: Int
    private var chunk: [UInt8] = []
    private var index: UInt32 = 0

    /// - Parameters:
    ///   - context: what the file is, such as `models/guide/1`; whoever reads it may ask for the same, so that files
    ///     cannot be exchanged. It is written in plain. Up to 1024 bytes.
    ///   - chunkSize: plain bytes that are read and checked together.
    public convenience init(
        _ path: String, keys: DataKeys, purpose: DataPurpose, context: String
    ) throws(SecretsError) {
        try self.init(
            path, key: try keys.key(for: purpose), context: context, chunkSize: ChunkCipher.standardSize)
    }

    init(_ path: String, key: DataKey, context: String, chunkSize: Int) throws(SecretsError) {
        try FileHeader.check(length: context, path: path)
        let header = FileHeader(layout: .file, chunkSize: chunkSize, keyID: key.id, context: context)
        let bytes = header.bytes(key: key)
        self.path = path
        self.chunkSize = chunkSize
        cipher = ChunkCipher(header, key: key, headerBytes: bytes)
        file = try NewFile(path)
        try file.write(bytes)
        chunk.reserveCapacity(chunkSize)
    }

    public func write(_ bytes: UnsafeRawBufferPointer) throws(SecretsError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // A full chunk goes out only when something follows: it might be the last.
            if chunk.count == chunkSize { try flush(isLast: false) }
            let piece = rest.prefix(chunkSize - chunk.count)
            chunk.append(contentsOf: piece)
            rest = rest.dropFirst(piece.count)
        }
    }

    public func write(_ bytes: [UInt8]) throws(SecretsError) {
        try bytes.span.bytes.withUnsafeBytes { pointer throws(SecretsError) in try write(pointer) }
    }

    /// - Parameter replacing: a file that has the name; else `alreadyExists` is thrown.
    public func finish(replacing: Bool = true) throws(SecretsError) {
        try flush(isLast: true)
        try file.finish(replacing: replacing)
    }

    private func flush(isLast: Bool) throws(SecretsError) {
        let sealed = try chunk.withUnsafeBufferPointer { plain throws(SecretsError) in
            try cipher.seal(UnsafeRawBufferPointer(plain), index: index, isLast: isLast, path: path)
        }
        try sealed.bytes.withUnsafeBytes { sealed throws(SecretsError) in
            try file.write(UnsafeRawBufferPointer(rebasing: sealed[ChunkCipher.nonceSize...]))
        }
        chunk.removeAll(keepingCapacity: true)
        guard index < .max else { throw .tooLarge(path: path, problem: "a file has at most 2^32 chunks") }
        index += 1
    }
}
