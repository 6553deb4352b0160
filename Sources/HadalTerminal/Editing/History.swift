import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What was entered before, oldest first; kept in a file only its owner can read, one JSON string a line.
public struct History: Sendable {
    /// The most entries kept; the oldest go first.
    public let entriesMax: Int
    /// An entry longer than this is not kept.
    public static let entryBytesMax = 64 << 10
    /// Of a longer file only the end is read.
    public static let fileBytesMax = 16 << 20

    public private(set) var entries: [String]
    private let file: String?

    /// - Parameter file: read now and written at each addition; `nil` keeps the history in memory. A file that is
    ///   missing or unreadable, and lines in it that are no JSON strings, count as empty.
    public init(file: String? = nil, entriesMax: Int = 1000) {
        self.file = file
        self.entriesMax = max(1, entriesMax)
        entries = []
        entries = file.map { Self.read($0, entriesMax: self.entriesMax) } ?? []
    }

    /// Adds an entry unless it is blank, too long, or the same as the last.
    ///
    /// The file is read again first, so that of several programs none wipes out what the others added, and replaced
    /// as a whole, so that it is never half written. A missing folder is made, for its owner alone.
    /// - Throws: `TerminalError.historyNotSaved`; the entry is kept in memory all the same.
    public mutating func add(_ entry: String) throws {
        guard entry.utf8.count <= Self.entryBytesMax, entry.contains(where: { !$0.isWhitespace }) else { return }
        guard entries.last != entry else { return }
        entries.append(entry)
        entries.removeFirst(max(0, entries.count - entriesMax))
        guard let file else { return }
        var saved = Self.read(file, entriesMax: entriesMax)
        saved.append(entry)
        saved.removeFirst(max(0, saved.count - entriesMax))
        try Self.write(saved, to: file)
    }

    private static func read(_ file: String, entriesMax: Int) -> [String] {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard let end = try? handle.seekToEnd() else { return [] }
        let start = end > UInt64(fileBytesMax) ? end - UInt64(fileBytesMax) : 0
        guard (try? handle.seek(toOffset: start)) != nil, let data = try? handle.read(upToCount: fileBytesMax) else {
            return []
        }
        let decoder = JSONDecoder()
        return data.split(separator: UInt8(ascii: "\n")).suffix(entriesMax).compactMap {
            try? decoder.decode(String.self, from: Data($0))
        }
    }

    private static func write(_ entries: [String], to file: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        var data = Data()
        for entry in entries {
            data.append((try? encoder.encode(entry)) ?? Data("\"\"".utf8))
            data.append(UInt8(ascii: "\n"))
        }
        // A symbolic link keeps pointing where it did: what it points to is replaced.
        let file = URL(fileURLWithPath: file).resolvingSymlinksInPath().path
        func failure(_ call: String) -> TerminalError { .historyNotSaved(path: file, call: call, code: errno) }
        try? FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let temporary = "\(file).\(getpid()).\(UInt32.random(in: 0 ... .max))"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open") }
        do {
            defer { close(descriptor) }
            try data.withUnsafeBytes { bytes in
                var written = 0
                while written < bytes.count {
                    let count = Self.writeBytes(descriptor, bytes.baseAddress! + written, bytes.count - written)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { throw failure("write") }
                    written += count
                }
            }
            guard fsync(descriptor) == 0 else { throw failure("fsync") }
            guard rename(temporary, file) == 0 else { throw failure("rename") }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private static func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, bytes, count)
        #else
            Darwin.write(descriptor, bytes, count)
        #endif
    }
}
