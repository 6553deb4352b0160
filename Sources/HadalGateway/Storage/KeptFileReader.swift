import Foundation
import HadalSecrets

/// A kept file, read from any place on. One reads at a time.
struct KeptFileReader: Sendable {
    private enum Source: Sendable {
        case plain(FileHandle)
        case encrypted(EncryptedFileReader)
    }

    /// Of the text, in bytes.
    let count: Int
    private let source: Source

    init(_ url: URL) throws {
        let handle = try FileHandle(forReadingFrom: url)
        count = Int(try handle.seekToEnd())
        source = .plain(handle)
    }

    /// - Throws: `SecretsError`: it was written as something else, is damaged or cut off.
    init(_ url: URL, keys: DataKeys, context: String) throws(SecretsError) {
        let reader = try EncryptedFileReader(url.path, keys: keys, context: context)
        count = Int(clamping: reader.count)
        source = .encrypted(reader)
    }

    /// Up to `count` bytes from byte `offset` of the text on; none at its end.
    func read(at offset: Int, count: Int) throws -> [UInt8] {
        switch source {
        case .plain(let handle):
            try handle.seek(toOffset: UInt64(offset))
            return try handle.read(upToCount: count).map { [UInt8]($0) } ?? []
        case .encrypted(let reader): return try reader.read(at: UInt64(offset), count: count)
        }
    }
}
