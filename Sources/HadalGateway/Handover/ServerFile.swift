import Foundation
import HadalJSON
import Synchronization

/// `DATA/server.json`: which process serves with a data directory, and what became of the last try to replace it.
public final class ServerFile: Sendable {
    public struct Contents: Sendable, Hashable {
        public var process: Int32
        /// `Program.start`: another process may have the number by now.
        public var start: Int
        /// How often this process was told that another one is to take its place.
        public var attempts = 0
        /// Why the last one could not; nil where it may still, or nobody tried.
        public var failure: String?

        /// Whether it runs.
        public var isRunning: Bool { Program.start(of: process) == start }
    }

    private let url: URL
    private let contents: Mutex<Contents>

    public static func url(data: URL) -> URL { data.appendingPathComponent("server.json") }

    /// - Returns: nil where there is none.
    /// - Throws: where it cannot be read.
    public static func read(data: URL) throws -> Contents? {
        let url = url(data: data)
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        let json = try JSON(parsing: try Data(contentsOf: url))
        guard let process = json["process"]?.int.flatMap({ Int32(exactly: $0) }), let start = json["start"]?.int else {
            return nil
        }
        return Contents(
            process: process, start: start, attempts: json["attempts"]?.int ?? 0, failure: json["failure"]?.string)
    }

    init(data: URL) {
        url = Self.url(data: data)
        contents = Mutex(Contents(process: getpid(), start: Program.start(of: getpid()) ?? 0))
    }

    /// This process serves. Without the file, `hadal restart` does not find it; signals still do.
    func serves() { try? write() }

    func begins() {
        contents.withLock { contents in
            contents.attempts += 1
            contents.failure = nil
        }
        try? write()
    }

    func fails(_ reason: String) {
        contents.withLock { $0.failure = reason }
        try? write()
    }

    /// Unless another process serves by now.
    func remove() {
        let data = url.deletingLastPathComponent()
        if let current = try? Self.read(data: data), current.process != getpid() { return }
        try? FileManager.default.removeItem(at: url)
    }

    private func write() throws {
        let contents = contents.withLock { $0 }
        let json = JSON.compact([
            ("process", .int(Int64(contents.process))), ("start", .int(Int64(contents.start))),
            ("attempts", .int(Int64(contents.attempts))), ("failure", contents.failure.map(JSON.string)),
        ])
        try StateFile.write(json.bytes + [UInt8(ascii: "\n")], privatelyTo: url)
    }
}
