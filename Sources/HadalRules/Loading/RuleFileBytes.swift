import Foundation

enum RuleFileBytes {
    /// - Returns: nil for what is no file that may be read, or is larger than `limit` bytes.
    static func read(_ path: String, limit: Int) -> [UInt8]? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: limit + 1) else {
            // An empty file gives no data; a directory an error.
            var isDirectory: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            return exists && !isDirectory.boolValue ? [] : nil
        }
        return data.count <= limit ? Array(data) : nil
    }
}
