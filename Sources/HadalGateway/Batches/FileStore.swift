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

    private func folder(_ id: String) -> URL { directory.appendingPathComponent(id) }
    private func content(of id: String) -> URL { folder(id).appendingPathComponent("content") }
    private func description(of id: String) -> URL { folder(id).appendingPathComponent("file.json") }

    /// Where a file is written to before it is `add`ed.
    func place(_ id: String) throws -> URL {
        try FileManager.default.createDirectory(at: folder(id), withIntermediateDirectories: true)
        return content(of: id)
    }

    /// Forgets a place that came to nothing.
    func abandon(_ id: String) {
        guard files[id] == nil else { return }
        try? FileManager.default.removeItem(at: folder(id))
    }

    /// Takes in what stands at its `place`.
    func add(_ id: String, name: String, purpose: FileObject.Purpose) throws -> FileObject {
        try announce(id, size: content(of: id), name: name, purpose: purpose)
    }

    /// Takes in a file that stands elsewhere. It is announced before it is moved: who is ended between the two finds both names
    /// again and can do it once more.
    func adopt(_ id: String, from url: URL, name: String, purpose: FileObject.Purpose) throws {
        let place = try place(id)
        try announce(id, size: url, name: name, purpose: purpose)
        try StateFile.move(url, to: place)
    }

    /// - Parameter url: the file that it is as large as.
    @discardableResult
    private func announce(_ id: String, size url: URL, name: String, purpose: FileObject.Purpose) throws -> FileObject {
        let bytes = try FileManager.default.attributesOfItem(atPath: url.path)[.size] as? NSNumber
        let file = FileObject(
            id: id, bytes: bytes?.intValue ?? 0, created: Int(Date().timeIntervalSince1970), name: name,
            purpose: purpose)
        try StateFile.write(file.json.text, to: description(of: id))
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
        return content(of: id)
    }

    func delete(_ id: String) throws {
        _ = try file(id)
        // Without this file it is gone, should the rest take another start.
        try FileManager.default.removeItem(at: description(of: id))
        files[id] = nil
        try? FileManager.default.removeItem(at: folder(id))
    }
}
