import Foundation
import HadalJSON

/// The lines that the requests of a batch have given: appended one by one, so that a process that ends loses none of them.
final class BatchLog {
    private let handle: FileHandle
    /// Of the requests that are in it already.
    private(set) var customIDs: Set<String> = []

    /// Opens what is there. A last line that was not finished is cut off: its request runs again.
    init(_ url: URL) throws {
        let isThere = FileManager.default.fileExists(atPath: url.path)
        handle = isThere ? try FileHandle(forUpdating: url) : try StateFile.create(url)
        let data = try Data(contentsOf: url, options: .mappedIfSafe)
        let whole = data.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        for line in data[..<whole].split(separator: UInt8(ascii: "\n")) {
            if let id = (try? JSON(parsing: line))?["custom_id"]?.string { customIDs.insert(id) }
        }
        try handle.truncate(atOffset: UInt64(whole))
        try handle.seekToEnd()
    }

    var count: Int { customIDs.count }

    func append(_ json: JSON, customID: String) throws {
        try handle.write(contentsOf: Data((json.text + "\n").utf8))
        customIDs.insert(customID)
    }

    func close() throws {
        try handle.synchronize()
        try handle.close()
    }
}
