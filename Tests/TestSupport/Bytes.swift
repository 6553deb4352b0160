import Foundation

/// Bytes in the middle of a file that others have open.
public enum Bytes {
    /// - Returns: those that were there.
    @discardableResult
    public static func replace(_ path: String, at offset: UInt64, with bytes: Data) throws -> Data {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        try handle.seek(toOffset: offset)
        let before = try handle.read(upToCount: bytes.count) ?? Data()
        try handle.seek(toOffset: offset)
        try handle.write(contentsOf: bytes)
        return before
    }
}
