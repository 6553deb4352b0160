import Foundation

/// Lines that are appended one by one, so that a process that ends loses none of them.
protocol LineLog: AnyObject {
    /// Whether a last line that was not finished was cut off when it was opened.
    var wasCut: Bool { get }

    /// It is the system's when this returns.
    func append(_ line: [UInt8]) throws

    /// Returns when all lines are on the disk.
    func close() throws

    /// All lines from the first on, without their ends.
    func forEachLine(_ body: (ArraySlice<UInt8>) throws -> Void) throws
}

/// In plain, a line after the other.
final class PlainLineLog: LineLog {
    private let url: URL
    private let handle: FileHandle
    let wasCut: Bool

    init(_ url: URL) throws {
        self.url = url
        let isThere = FileManager.default.fileExists(atPath: url.path)
        handle = isThere ? try FileHandle(forUpdating: url) : try StateFile.create(url)
        let data = try Data(contentsOf: url, options: .mappedIfSafe)
        let whole = data.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        wasCut = whole < data.count
        if wasCut { try handle.truncate(atOffset: UInt64(whole)) }
        try handle.seekToEnd()
    }

    func append(_ line: [UInt8]) throws { try handle.write(contentsOf: Data(line + [UInt8(ascii: "\n")])) }

    func close() throws {
        try handle.synchronize()
        try handle.close()
    }

    func forEachLine(_ body: (ArraySlice<UInt8>) throws -> Void) throws {
        var lines = LineReader(try KeptFileReader(url))
        while let line = try lines.next() { try body(line) }
    }
}
