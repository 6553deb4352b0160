import Foundation
import HadalSecrets

/// How what a tenant's people said lies on disk: encrypted where the configuration says so, else in plain. What is
/// there already is read as it is.
///
/// Each file has a role below the data directory, such as `files/ID/content`. An encrypted one is bound to its tenant
/// and role, so that none can be put in the place of another.
struct KeptFiles: Sendable {
    let tenant: String
    let encryption: EncryptionAtRest?

    /// What new files are encrypted with; nil: they are written in plain.
    var keys: DataKeys? { encryption?.keys(for: .conversations) }

    func context(_ role: String) -> String { "\(tenant)/\(role)" }

    /// A small file, which is there whole or not at all.
    func write(_ text: String, to url: URL, as role: String) throws {
        let writer = try writer(url, as: role)
        try writer.write(Array(text.utf8))
        try writer.finish()
    }

    /// - Parameter limit: in bytes; what is longer is refused.
    func read(_ url: URL, as role: String, limit: Int = .max) throws -> (text: [UInt8], isEncrypted: Bool) {
        let isEncrypted = try EncryptedFile.isEncrypted(url.path)
        let reader = try reader(url, as: role, isEncrypted: isEncrypted)
        guard reader.count <= limit else {
            throw SecretsError.tooLarge(
                path: url.path, problem: "\(reader.count) bytes where at most \(limit) are expected")
        }
        return (try reader.read(at: 0, count: reader.count), isEncrypted)
    }

    /// Takes the place of what stands at `url` once it is finished.
    func writer(_ url: URL, as role: String) throws -> KeptFileWriter {
        try KeptFileWriter(url, keys: keys, context: context(role))
    }

    func reader(_ url: URL, as role: String, isEncrypted: Bool) throws -> KeptFileReader {
        guard isEncrypted else { return try KeptFileReader(url) }
        return try KeptFileReader(url, keys: try keys(toRead: url), context: context(role))
    }

    /// - Throws: `GatewayError` where there are none.
    func keys(toRead url: URL) throws(GatewayError) -> DataKeys {
        guard let encryption else { throw .needsKeys(path: url.path) }
        return encryption.keys
    }
}
