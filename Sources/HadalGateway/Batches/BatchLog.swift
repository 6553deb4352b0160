import Foundation
import HadalJSON
import HadalSecrets

/// The lines that the requests of a batch have given. One that was not finished is cut off: its request runs again.
final class BatchLog {
    private let lines: any LineLog
    /// Of the requests that are in it already.
    private(set) var customIDs: Set<String> = []
    /// Whether the last line was not finished when the log was opened.
    let wasCut: Bool

    /// Opens what is there. What was begun in plain goes on encrypted where the configuration says so by now.
    init(_ url: URL, as role: String, _ files: KeptFiles) throws {
        var wasCut = false
        lines = try Self.lines(url, as: role, files, &wasCut)
        self.wasCut = wasCut || lines.wasCut
        try lines.forEachLine { line in
            if let id = (try? JSON(parsing: line))?["custom_id"]?.string { customIDs.insert(id) }
        }
    }

    private static func lines(
        _ url: URL, as role: String, _ files: KeptFiles, _ wasCut: inout Bool
    ) throws -> any LineLog {
        let isThere = FileManager.default.fileExists(atPath: url.path)
        if isThere, try EncryptedFile.isEncrypted(url.path) {
            return try EncryptedLineLog(url.path, keys: try files.keys(toRead: url), context: files.context(role))
        }
        guard let keys = files.keys else { return try PlainLineLog(url) }
        if isThere { wasCut = try encrypt(url, keys, context: files.context(role)) }
        return try EncryptedLineLog(url.path, keys: keys, context: files.context(role))
    }

    /// Replaces a plain log in one step.
    /// - Returns: whether its last line was not finished.
    private static func encrypt(_ url: URL, _ keys: DataKeys, context: String) throws -> Bool {
        let plain = try PlainLineLog(url)
        let aside = StateFile.aside(url)
        // Of an earlier try.
        try? FileManager.default.removeItem(at: aside)
        let encrypted = try EncryptedLineLog(aside.path, keys: keys, context: context)
        try plain.forEachLine { try encrypted.append(Array($0)) }
        try encrypted.close()
        try plain.close()
        try StateFile.move(aside, to: url)
        return plain.wasCut
    }

    var count: Int { customIDs.count }

    func append(_ json: JSON, customID: String) throws {
        try lines.append(Array(json.text.utf8))
        customIDs.insert(customID)
    }

    func close() throws { try lines.close() }

    /// All that is in it, as a file has it.
    func copy(to writer: KeptFileWriter) throws {
        try lines.forEachLine { line in
            try writer.write(line)
            try writer.write([UInt8(ascii: "\n")])
        }
    }
}
