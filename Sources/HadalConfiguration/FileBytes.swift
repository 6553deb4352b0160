import Foundation

enum FileBytes {
    /// A file's bytes, of a longer one a byte more than the limit; nil: it cannot be read.
    static func read(_ path: String, limit: Int) -> [UInt8]? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        do {
            return try handle.read(upToCount: limit + 1).map(Array.init) ?? []
        } catch {
            return nil
        }
    }
}
