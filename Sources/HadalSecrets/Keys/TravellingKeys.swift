import Crypto
import Foundation
import HadalJSON

/// Keys that lie beside their data instead of in `DATA/keys.json`: what is kept away from the machine is to be opened by
/// another one that has the same key service. Each is a table of its own, in the form of `keys.json`, that nobody ever
/// changes: two machines that make one at once end with two keys, and lose nothing.
extension DataKeys {
    /// A new key, and what is to be written of it.
    /// - Returns: the key's id, by which the file is called, and the file's bytes.
    public static func travelling(
        for purpose: DataPurpose, wrappedBy service: any KeyService, now: Date = Date()
    ) async throws(SecretsError) -> (id: String, bytes: [UInt8]) {
        let key = DataKey.random(purpose, now: now)
        let table = KeyTable(entries: [try await entry(key, wrappedBy: service)])
        return (key.id.description, Array(table.text.utf8))
    }

    /// - Parameters:
    ///   - files: what was written of the keys, with names for errors.
    ///   - place: where they lie, for errors.
    public static func open(
        _ files: [(name: String, bytes: [UInt8])], at place: String, service: any KeyService
    ) async throws(SecretsError) -> DataKeys {
        var keys: [DataKey] = []
        for (name, bytes) in files {
            let json: JSON
            do throws(JSONError) { json = try JSON(parsing: bytes) } catch {
                throw .damaged(path: name, part: error.problem, offset: UInt64(error.offset))
            }
            keys += try await unwrap(try KeyTable(json, path: name), with: service)
        }
        keys.sort { ($0.created, $0.id.description) < ($1.created, $1.id.description) }
        return DataKeys(directory: place, table: place, keys: keys)
    }
}

extension DataKey {
    /// A name for something, 64 hexadecimal digits, that tells nothing of it to whoever lacks the key: HMAC-SHA256.
    public func name(of text: String) -> String {
        HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: derive(salt: [], use: "names"))
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
