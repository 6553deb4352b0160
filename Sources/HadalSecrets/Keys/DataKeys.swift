import Foundation
import Synchronization

/// The data keys of a data directory, unwrapped: in memory only, from `open` on. Encrypting and decrypting then need no
/// key service.
public final class DataKeys: Sendable {
    /// DATA, or whatever place the keys lie in.
    public let directory: String
    /// Where the keys are, for errors.
    private let table: String
    private let keys: Mutex<[DataKey]>

    /// - Parameters:
    ///   - table: where they are; nil: in the directory's table.
    ///   - keys: oldest first.
    init(directory: String, table: String? = nil, keys: [DataKey]) {
        self.directory = directory
        self.table = table ?? KeyTable.path(in: directory)
        self.keys = Mutex(keys)
    }

    /// Makes a first key for each purpose, and the table.
    public static func create(
        in directory: String, service: any KeyService, now: Date = Date()
    ) async throws(SecretsError) -> DataKeys {
        let path = KeyTable.path(in: directory)
        guard access(path, F_OK) != 0 else { throw .alreadyExists(path: path) }
        let keys = DataPurpose.allCases.map { DataKey.random($0, now: now) }
        var entries: [KeyTable.Entry] = []
        for key in keys { entries.append(try await entry(key, wrappedBy: service)) }
        try KeyTable(entries: entries).write(to: path, replacing: false)
        return DataKeys(directory: directory, keys: keys)
    }

    /// Unwraps all keys: a service that is away or a table that was changed is known at the start, not at night.
    public static func open(in directory: String, service: any KeyService) async throws(SecretsError) -> DataKeys {
        let table = try KeyTable.read(KeyTable.path(in: directory))
        return DataKeys(directory: directory, keys: try await unwrap(table, with: service))
    }

    /// The key that new data of this purpose is encrypted with.
    public func key(for purpose: DataPurpose) throws(SecretsError) -> DataKey {
        guard let key = keys.withLock({ $0.last { $0.purpose == purpose } }) else {
            throw .badSettings(
                problem:
                    "\(table) has no key for \(purpose.rawValue); run: hadal secrets rotate "
                    + "--data-keys")
        }
        return key
    }

    /// - Parameter path: the file that names the key, for the error.
    func key(_ id: DataKeyID, of path: String) throws(SecretsError) -> DataKey {
        guard let key = keys.withLock({ $0.first { $0.id == id } }) else {
            throw .unknownDataKey(path: path, id: id.description, table: table)
        }
        return key
    }

    /// Whether the directory has no other keys by now: none that were made since, by another process.
    public var areAll: Bool {
        guard let described = try? Self.describe(in: directory) else { return false }
        return Set(described.map(\.id)).isSubset(of: all.map(\.id))
    }

    /// All keys, oldest first.
    public var all: [DataKey] { keys.withLock { $0 } }

    /// Reads the table again, after another process has made data keys.
    public func reload(with service: any KeyService) async throws(SecretsError) {
        let new = try await Self.unwrap(try KeyTable.read(KeyTable.path(in: directory)), with: service)
        keys.withLock { $0 = new }
    }
}

// MARK: - Entries of the table

extension DataKeys {
    static func entry(
        _ key: DataKey, wrappedBy service: any KeyService
    ) async throws(SecretsError) -> KeyTable.Entry {
        let wrapped = try await service.wrap(key.key, context: key.context)
        return KeyTable.Entry(id: key.id, purpose: key.purpose, created: key.created, wrapped: wrapped)
    }

    static func unwrap(
        _ entry: KeyTable.Entry, with service: any KeyService
    ) async throws(SecretsError) -> DataKey {
        let key = try await service.unwrap(entry.wrapped, context: DataKey.context(entry.purpose, entry.id))
        return DataKey(id: entry.id, purpose: entry.purpose, created: entry.created, key: key)
    }

    static func unwrap(
        _ table: KeyTable, with service: any KeyService
    ) async throws(SecretsError) -> [DataKey] {
        var keys: [DataKey] = []
        for entry in table.entries { keys.append(try await unwrap(entry, with: service)) }
        return keys
    }
}

extension DataKeys: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(all.count) data keys of \(directory)" }
    public var customMirror: Mirror { Mirror(self, children: ["directory": directory, "keys": all.map(\.id)]) }
}
