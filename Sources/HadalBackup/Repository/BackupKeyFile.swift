import Crypto
import Foundation
import HadalJSON
import HadalSecrets

/// `DATA/backup.key`: the repository's key on the machine that backs up. With a key service (`secrets.service`) the
/// service has wrapped it; without one it is there as it is, readable for its owner only, like all that it protects.
public enum BackupKeyFile {
    private static let format = "hadal backup key"
    private static let context = "hadal backup key"

    /// What the file says.
    public struct Content: Sendable {
        public var key: RepositoryKey
        /// Of the data directory, made with the file: a restored copy of the directory, which lacks it, is another one.
        public var owner: String
    }

    public static let name = "backup.key"

    public static func path(in data: String) -> String { data + "/" + name }

    /// - Returns: the owner that it names.
    /// - Throws: also where there is one.
    public static func write(
        _ key: RepositoryKey, in data: String, service: (any KeyService)?
    ) async throws(BackupError) -> String {
        let path = path(in: data)
        let owner = UUID().uuidString.lowercased()
        var json: JSON.Object = .init([("format", .string(format)), ("version", 1), ("owner", .string(owner))])
        if let service {
            let wrapped: WrappedKey
            do { wrapped = try await service.wrap(key.key, context: context) } catch {
                throw .badKeyFile(path: path, problem: "\(error)")
            }
            json["service"] = .string(wrapped.service)
            json["key_version"] = .int(Int64(wrapped.version))
            json["wrapped"] = .string(Data(wrapped.bytes).base64EncodedString())
        } else {
            json["key"] = .string(Data(key.bytes).base64EncodedString())
        }
        try create(path, JSON.object(json).bytes + [UInt8(ascii: "\n")])
        return owner
    }

    /// It appears whole, or not at all.
    private static func create(_ path: String, _ bytes: [UInt8]) throws(BackupError) {
        let draft = path + ".\(getpid()).\(UInt32.random(in: .min ... .max))"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(path: path, operation: "make", code: errno) }
        defer { unlink(draft) }
        let isWritten = Foundation.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        guard isWritten else { throw .system(path: path, operation: "write", code: code) }
        guard link(draft, path) == 0 else {
            guard errno == EEXIST else { throw .system(path: path, operation: "make", code: errno) }
            throw .badKeyFile(
                path: path, problem: "is there already; a machine has one backup. Move it away to begin another")
        }
    }

    /// - Parameter service: asked for only where the key is wrapped.
    public static func read(
        in data: String, service: () async throws -> any KeyService
    ) async throws(BackupError) -> Content {
        let path = path(in: data)
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw .badKeyFile(
                path: path,
                problem:
                    "is not there: hadal backup init makes a backup; in a restored directory hadal backup init --recovery-key "
                    + "FILE goes on with the one it came from")
        }
        guard let json = try? JSON(parsing: bytes), json["format"]?.string == format, json["version"]?.int == 1,
            let owner = json["owner"]?.string
        else {
            throw .badKeyFile(path: path, problem: "is no backup's key, or one of a newer hadal")
        }
        if let key = json["key"]?.string.flatMap({ Data(base64Encoded: $0) }).flatMap({ RepositoryKey(bytes: $0) }) {
            return Content(key: key, owner: owner)
        }
        guard let name = json["service"]?.string, let version = json["key_version"]?.int,
            let wrapped = json["wrapped"]?.string.flatMap({ Data(base64Encoded: $0) })
        else { throw .badKeyFile(path: path, problem: "key, or wrapped, is missing") }
        do {
            let key = try await service().unwrap(
                WrappedKey(service: name, version: version, bytes: [UInt8](wrapped)), context: context)
            return Content(key: RepositoryKey(key), owner: owner)
        } catch { throw .badKeyFile(path: path, problem: "\(error)") }
    }
}
