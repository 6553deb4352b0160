import Foundation
import HadalJSON
import HadalWire
import Logging

/// Files of clients and batches, each in a directory of its own below `files`: `content` and `file.json`. An upload that has no
/// `file.json` was never finished and is removed at the start.
actor FileStore {
    private let directory: URL
    private var files: [String: FileObject] = [:]

    init(_ data: URL, logger: Logger) throws {
        directory = data.appendingPathComponent("files")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            let own = directory.appendingPathComponent(name)
            do {
                let text = try Data(contentsOf: own.appendingPathComponent("file.json"))
                let file = try FileObject(try JSON(parsing: text))
                guard file.id == name else { continue }
                files[name] = file
            } catch {
                logger.warning("an upload that was not finished is removed", metadata: ["file": "\(own.path)"])
                try? FileManager.default.removeItem(at: own)
            }
        }
    }

    /// Where a file is written to before it is `add`ed.
    func place(_ id: String) throws -> URL {
        let own = directory.appendingPathComponent(id)
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        return own.appendingPathComponent("content")
    }

    /// Forgets a place that came to nothing.
    func abandon(_ id: String) {
        guard files[id] == nil else { return }
        try? FileManager.default.removeItem(at: directory.appendingPathComponent(id))
    }

    /// Takes in what stands at its `place`.
    func add(_ id: String, name: String, purpose: FileObject.Purpose) throws -> FileObject {
        let content = directory.appendingPathComponent(id).appendingPathComponent("content")
        let bytes = try FileManager.default.attributesOfItem(atPath: content.path)[.size] as? NSNumber
        return try announce(id, bytes: bytes?.intValue ?? 0, name: name, purpose: purpose)
    }

    /// Takes in a file that stands elsewhere. It is announced before it is moved: who is ended between the two finds both names
    /// again and can do it once more.
    func adopt(_ id: String, from url: URL, name: String, purpose: FileObject.Purpose) throws {
        let place = try place(id)
        let bytes = try FileManager.default.attributesOfItem(atPath: url.path)[.size] as? NSNumber
        try announce(id, bytes: bytes?.intValue ?? 0, name: name, purpose: purpose)
        try StateFile.move(url, to: place)
    }

    @discardableResult
    private func announce(_ id: String, bytes: Int, name: String, purpose: FileObject.Purpose) throws -> FileObject {
        let file = FileObject(
            id: id, bytes: bytes, created: Int(Date().timeIntervalSince1970), name: name, purpose: purpose)
        try StateFile.write(
            file.json.text, to: directory.appendingPathComponent(id).appendingPathComponent("file.json"))
        files[id] = file
        return file
    }

    /// Newest first.
    var all: [FileObject] { files.values.sorted { ($1.created, $1.id) < ($0.created, $0.id) } }

    func file(_ id: String, field: String? = nil) throws(GatewayError) -> FileObject {
        guard let file = files[id] else { throw .noSuch("file", id, field: field) }
        return file
    }

    func content(_ id: String, field: String? = nil) throws -> URL {
        _ = try file(id, field: field)
        return directory.appendingPathComponent(id).appendingPathComponent("content")
    }

    func delete(_ id: String) throws {
        _ = try file(id)
        // Without this file it is gone, should the rest take another start.
        let own = directory.appendingPathComponent(id)
        try FileManager.default.removeItem(at: own.appendingPathComponent("file.json"))
        files[id] = nil
        try? FileManager.default.removeItem(at: own)
    }
}
