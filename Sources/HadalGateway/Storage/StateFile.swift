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

    /// A file of its own that only its owner can read, in a directory of the same kind, which is made where it is not there.
    static func write(_ bytes: some Collection<UInt8>, privatelyTo url: URL) throws {
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let aside = aside(url)
        let handle = try create(aside)
        defer { try? handle.close() }
        chmod(aside.path, 0o600)
        try handle.write(contentsOf: Data(bytes))
        try handle.synchronize()
        try move(aside, to: url)
    }

    /// In one step, over what may stand there.
    static func move(_ url: URL, to target: URL) throws {
        guard rename(url.path, target.path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }
}
