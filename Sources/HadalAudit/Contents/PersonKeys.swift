import Crypto
import Foundation
import HadalJSON
import HadalSecrets
import Synchronization

/// Whose texts are erased together.
public struct AuditPerson: Sendable, Hashable {
    public var tenant: String
    public var user: String

    public init(tenant: String, user: String) {
        self.tenant = tenant
        self.user = user
    }

    /// Requests without a tenant or user share one key.
    init(_ record: AuditRecord) { self.init(tenant: record.tenant ?? "", user: record.user ?? "") }
}

/// A key for each person's texts, a file for each in `DATA/audit/people`, named by a random id so that the name tells
/// nothing. With a key service the files are sealed, else in plain, readable by their owner alone. A person's texts are
/// erased by destroying the key.
final class PersonKeys: Sendable {
    struct Key: Sendable {
        var id: String
        var person: AuditPerson
        var key: SymmetricKey
    }

    private let directory: String
    private let keys: DataKeys?
    private struct Known: Sendable {
        var byPerson: [AuditPerson: Key] = [:]
        var byID: [String: Key] = [:]

        mutating func insert(_ key: Key) {
            byPerson[key.person] = key
            byID[key.id] = key
        }
    }

    private let known: Mutex<Known>

    /// Reads all. A file that cannot be read is an error: texts would be taken for erased.
    init(_ directory: AuditDirectory, keys: DataKeys?) throws(AuditError) {
        self.directory = directory.people
        self.keys = keys
        var known = Known()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.people)) ?? []
        for name in names.sorted() where AuditKeyID(name) != nil {
            guard let key = try Self.read(directory.people + "/" + name, id: name, keys: keys) else { continue }
            known.insert(key)
        }
        self.known = Mutex(known)
    }

    func key(_ id: String) -> Key? { known.withLock { $0.byID[id] } }

    func key(of person: AuditPerson) -> Key? { known.withLock { $0.byPerson[person] } }

    /// Made and on the disk when it was not there.
    func make(for person: AuditPerson, time: Int64) throws(AuditError) -> Key {
        if let key = key(of: person) { return key }
        let random = SymmetricKey(size: .bits256)
        let id = SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }.hex
        var writer = CanonicalWriter()
        writer.member("created", JSON.int(time))
        writer.member("key", random.withUnsafeBytes { Array($0) }.base64)
        writer.member("tenant", person.tenant)
        writer.member("user", person.user)
        var bytes = writer.finish()
        if let keys {
            do throws(SecretsError) {
                bytes = try SealedValue.seal(bytes, keys: keys, purpose: .audit, context: Self.context(id))
            } catch {
                throw .secrets(error)
            }
        }
        try SmallFile.write(bytes, to: directory + "/" + id)
        let key = Key(id: id, person: person, key: random)
        known.withLock { $0.insert(key) }
        return key
    }

    /// Overwrites and removes the key. The bytes may still be on the disk (flash, snapshots, backups).
    func destroy(_ key: Key) throws(AuditError) {
        let path = directory + "/" + key.id
        let file = try AuditFile(path, O_WRONLY)
        try file.write([UInt8](repeating: 0, count: Int(try file.size())), at: 0)
        try file.synchronize()
        try SmallFile.remove(path)
        try SmallFile.synchronizeDirectory(of: path)
        known.withLock { known in
            known.byPerson[key.person] = nil
            known.byID[key.id] = nil
        }
    }

    private static func context(_ id: String) -> String { "audit/people/" + id }

    /// Nil where a crash came between overwriting and removing it.
    private static func read(_ path: String, id: String, keys: DataKeys?) throws(AuditError) -> Key? {
        guard var bytes = try SmallFile.read(path), !bytes.allSatisfy({ $0 == 0 }) else { return nil }
        if bytes.first == 1 {
            guard let keys else { throw .encrypted(path: path) }
            do throws(SecretsError) {
                bytes = try SealedValue.open(bytes, keys: keys, context: context(id))
            } catch {
                throw .secrets(error)
            }
        }
        guard let json = try? JSON(parsing: bytes), let tenant = json["tenant"]?.string,
            let user = json["user"]?.string, let key = json["key"]?.string.flatMap({ Data(base64Encoded: $0) }),
            key.count == 32
        else { throw .damaged(path: path, offset: 0, problem: "not a person's content key; restore it from a backup") }
        return Key(id: id, person: AuditPerson(tenant: tenant, user: user), key: SymmetricKey(data: key))
    }
}
