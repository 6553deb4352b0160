import Foundation

/// Steps of writing a plain file so that it is there whole or not at all: aside, then in its place.
enum StateFile {
    static func aside(_ url: URL) -> URL { url.appendingPathExtension("new") }

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
