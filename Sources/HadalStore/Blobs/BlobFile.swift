import Foundation
import HadalSecrets

/// A file of the store, or one on its way there, that is read at places: its own bytes, however it lies on the disk.
/// Several threads may read at once.
public final class BlobFile: Sendable {
    private enum Content: Sendable {
        case plain(InputFile)
        case encrypted(EncryptedFileReader)
    }

    public let path: String
    /// Of the plain file, in bytes.
    public let size: Int64
    private let content: Content

    public var isEncrypted: Bool { if case .encrypted = content { true } else { false } }

    /// - Parameters:
    ///   - size: of the plain file. One that begins like an encrypted file and has this size is plain.
    ///   - context: what it must have been encrypted as.
    ///   - keys: nil: there are none.
    /// - Throws: `StoreError.encrypted` where the keys do not open it, `StoreError.unopened` where it was changed.
    init(_ path: String, size: Int64, context: String, keys: DataKeys?) throws {
        let file = try InputFile(path)
        self.path = path
        guard file.size > size, EncryptedFile.isEncrypted(beginning: try file.read(at: 0, count: 16)) else {
            (content, self.size) = (.plain(file), file.size)
            return
        }
        guard let keys else { throw StoreError.encrypted(path: path, problem: StoreError.noKeys) }
        let reader: EncryptedFileReader
        do { reader = try EncryptedFileReader(path, keys: keys, context: context) } catch {
            throw StoreError(error, path: path)
        }
        (content, self.size) = (.encrypted(reader), Int64(reader.count))
    }

    /// One that is known to be plain: it came in just now.
    package init(plain path: String) throws {
        let file = try InputFile(path)
        (self.path, content, size) = (path, .plain(file), file.size)
    }

    /// - Returns: less only where the file ends.
    public func read(at offset: Int64, count: Int) throws -> [UInt8] {
        switch content {
        case .plain(let file): return try file.read(at: offset, count: count)
        case .encrypted(let reader):
            do { return try reader.read(at: UInt64(offset), count: count) } catch {
                throw StoreError(error, path: path)
            }
        }
    }

    /// From its beginning to its end.
    package func forEachPiece(_ body: ([UInt8]) throws -> Void) throws {
        var offset: Int64 = 0
        while offset < size {
            let bytes = try read(at: offset, count: InputFile.pieceBytes)
            if bytes.isEmpty { return }
            try body(bytes)
            offset += Int64(bytes.count)
        }
    }
}

extension StoreError {
    /// What went wrong while a file was encrypted, or opened.
    /// - Parameter path: of the blob.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as StoreError: self = error
        case SecretsError.system(let path, let operation, let code):
            self = .system(path: path, operation: operation, code: code)
        case SecretsError.damaged, SecretsError.incomplete, SecretsError.unsupported, SecretsError.otherContext:
            self = .unopened(path: path, problem: "\(error)")
        default: self = .encrypted(path: path, problem: "\(error)")
        }
    }
}
