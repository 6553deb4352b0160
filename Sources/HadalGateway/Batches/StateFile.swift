import Foundation

/// Small files that are there whole or not at all, whatever happens while they are written.
enum StateFile {
    static func write(_ text: String, to url: URL) throws {
        let new = url.appendingPathExtension("new")
        let handle = try create(new)
        do {
            try handle.write(contentsOf: Data(text.utf8))
            try handle.synchronize()
            try handle.close()
        } catch {
            try? handle.close()
            try? FileManager.default.removeItem(at: new)
            throw error
        }
        try move(new, to: url)
    }

    /// An empty file to write to.
    static func create(_ url: URL) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: url.path, contents: nil) else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: url.path])
        }
        return try FileHandle(forUpdating: url)
    }

    /// In one step, over what may stand there.
    static func move(_ url: URL, to target: URL) throws {
        guard rename(url.path, target.path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }
}
