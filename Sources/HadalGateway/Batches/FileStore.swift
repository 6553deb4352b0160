import Foundation
import HadalJSON
import HadalWire
import Logging

/// Files of clients and batches, each in a directory of its own below `files`: `content` and `file.json`. An upload that
/// has no `file.json` was never finished and is removed at the start. One process writes both, so where one is encrypted
/// the other is too: what clients say in a file does not decide how it is read.
actor FileStore {
    private struct Entry {
        var file: FileObject
        var isEncrypted: Bool
    }

    private let directory: URL
    private let kept: KeptFiles
    private var files: [String: Entry] = [:]
    /// Files that lie in plain.
    nonisolated let plainCount: Int

    init(_ data: URL, _ kept: KeptFiles, logger: Logger) throws {
        self.kept = kept
        directory = data.appendingPathComponent("files")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            let own = directory.appendingPathComponent(name)
            let description = own.appendingPathComponent(Self.descriptionName)
            guard FileManager.default.fileExists(atPath: description.path) else {
                logger.warning("an upload that was not finished is removed", metadata: ["file": "\(own.path)"])
                try? FileManager.default.removeItem(at: own)
                continue
            }
            do {
                let (text, isEncrypted) = try kept.read(description, as: Self.role(name, Self.descriptionName))
                let file = try FileObject(try JSON(parsing: text))
                guard file.id == name else { throw WireError.outOfRange(field: "id", expected: name) }
                files[name] = Entry(file: file, isEncrypted: isEncrypted)
            } catch let error as GatewayError {
                throw error
            } catch {
                logger.error(
                    "a file cannot be read and is left out",
                    metadata: ["file": "\(description.path)", "error": "\(error)"])
            }
        }
        plainCount = files.values.count { !$0.isEncrypted }
    }

    private static let contentName = "content"
    private static let descriptionName = "file.json"

    private static func role(_ id: String, _ name: String) -> String { "files/\(id)/\(name)" }

    private nonisolated func folder(_ id: String) -> URL { directory.appendingPathComponent(id) }
    private nonisolated func content(of id: String) -> URL { folder(id).appendingPathComponent(Self.contentName) }
    private func description(of id: String) -> URL { folder(id).appendingPathComponent(Self.descriptionName) }

    /// Where a file's content is written to before it is `add`ed. Who is ended between the two can do it once more.
    nonisolated func writer(_ id: String) throws -> KeptFileWriter {
        try FileManager.default.createDirectory(at: folder(id), withIntermediateDirectories: true)
        return try kept.writer(content(of: id), as: Self.role(id, Self.contentName))
    }

    /// Forgets a file that came to nothing.
    func abandon(_ id: String) {
        guard files[id] == nil else { return }
        try? FileManager.default.removeItem(at: folder(id))
    }

    /// Takes in what its `writer` has finished.
    /// - Parameter bytes: of its text.
    @discardableResult
    func add(_ id: String, bytes: Int, name: String, purpose: FileObject.Purpose) throws -> FileObject {
        let file = FileObject(
            id: id, bytes: bytes, created: Int(Date().timeIntervalSince1970), name: name, purpose: purpose)
        try kept.write(file.json.text, to: description(of: id), as: Self.role(id, Self.descriptionName))
        files[id] = Entry(file: file, isEncrypted: kept.keys != nil)
        return file
    }

    /// Newest first.
    var all: [FileObject] { files.values.map(\.file).sorted { ($1.created, $1.id) < ($0.created, $0.id) } }

    func file(_ id: String, field: String? = nil) throws(GatewayError) -> FileObject { try entry(id, field).file }

    private func entry(_ id: String, _ field: String?) throws(GatewayError) -> Entry {
        guard let entry = files[id] else { throw .noSuch("file", id, field: field) }
        return entry
    }

    /// - Throws: `GatewayError` where it is not there, or is not what was written.
    func content(_ id: String, field: String? = nil) throws(GatewayError) -> KeptFileReader {
        let entry = try entry(id, field)
        do {
            return try kept.reader(
                content(of: id), as: Self.role(id, Self.contentName), isEncrypted: entry.isEncrypted)
        } catch {
            throw .contentUnreadable(id, problem: "\(error)")
        }
    }

    func delete(_ id: String) throws {
        _ = try file(id)
        // Without this file it is gone, should the rest take another start.
        try FileManager.default.removeItem(at: description(of: id))
        files[id] = nil
        try? FileManager.default.removeItem(at: folder(id))
    }
}
