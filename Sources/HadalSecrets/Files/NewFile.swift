import Foundation

/// A file that appears under its name only when it is complete and on the disk (`finish`); until then, and for ever
/// where something fails, what was there before stays. Readable by its owner alone.
final class NewFile {
    private let path: String
    private let temporary: String
    private let file: OpenFile
    private var isFinished = false
    /// Bytes written so far.
    private(set) var count: UInt64 = 0

    init(_ path: String) throws(SecretsError) {
        self.path = path
        temporary = "\(path).new-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        file = try OpenFile(temporary, O_WRONLY | O_CREAT | O_EXCL)
    }

    deinit {
        if !isFinished { unlink(temporary) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(SecretsError) {
        do {
            try file.write(bytes, at: count)
        } catch .system(_, let operation, let code) {
            // Nobody knows the temporary name.
            throw .system(path: path, operation: operation, code: code)
        }
        count += UInt64(bytes.count)
    }

    func write(_ bytes: [UInt8]) throws(SecretsError) {
        try bytes.span.bytes.withUnsafeBytes { pointer throws(SecretsError) in try write(pointer) }
    }

    func finish(replacing: Bool = true) throws(SecretsError) {
        try file.synchronize()
        // A link fails where the name is taken; a rename replaces.
        guard (replacing ? rename(temporary, path) : link(temporary, path)) == 0 else {
            if errno == EEXIST { throw .alreadyExists(path: path) }
            throw .system(path: path, operation: "give it its name", code: errno)
        }
        if !replacing { unlink(temporary) }
        isFinished = true
        try Directory.synchronize(of: path)
    }

    /// A small file at once.
    static func write(_ bytes: [UInt8], to path: String, replacing: Bool = true) throws(SecretsError) {
        let file = try NewFile(path)
        try file.write(bytes)
        try file.finish(replacing: replacing)
    }
}

enum Directory {
    /// Returns when the name of `path` is on the disk too.
    static func synchronize(of path: String) throws(SecretsError) {
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try OpenFile(parent, O_RDONLY | O_DIRECTORY).synchronize()
    }
}
