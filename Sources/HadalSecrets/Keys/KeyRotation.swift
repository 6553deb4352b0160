import Crypto
import Foundation

extension DataKeys {
    /// What a rotation has done.
    public struct Rotation: Sendable, Hashable {
        public var service: String
        public var version: Int
        public var rewrapped: Int
    }

    /// Makes a new version of the master key and wraps all data keys with it. No data is written.
    ///
    /// Whatever happens in between, all stays readable: older versions of the master key still open what they wrapped,
    /// and the table changes in one step, after each new entry has been opened again. After a failure, run it again.
    public static func rotate(
        in directory: String, service: any KeyService
    ) async throws(SecretsError) -> Rotation {
        let version = try await service.rotate()
        return try await change(in: directory) { table throws(SecretsError) in
            for index in table.entries.indices {
                try await rewrap(&table.entries[index], with: service)
            }
            return Rotation(service: service.name, version: version, rewrapped: table.entries.count)
        }
    }

    /// Gives all data keys to another key service.
    public static func move(
        in directory: String, from old: any KeyService, to new: any KeyService
    ) async throws(SecretsError) -> Rotation {
        try await change(in: directory) { table throws(SecretsError) in
            let keys = try await unwrap(table, with: old)
            for (index, key) in keys.enumerated() {
                table.entries[index] = try await entry(key, wrappedBy: new)
                try await check(table.entries[index], is: key, with: new)
            }
            return Rotation(
                service: new.name, version: try await new.currentVersion(), rewrapped: table.entries.count)
        }
    }

    /// Makes a new data key for each of the purposes, for data that is written from now on. Older ones stay, for older
    /// data.
    public static func renew(
        _ purposes: [DataPurpose] = DataPurpose.allCases, in directory: String, service: any KeyService,
        now: Date = Date()
    ) async throws(SecretsError) {
        try await change(in: directory) { table throws(SecretsError) in
            for purpose in purposes {
                table.entries.append(try await entry(.random(purpose, now: now), wrappedBy: service))
            }
        }
    }

    /// One process at a time reads the table, changes it and replaces it.
    private static func change<Result>(
        in directory: String, _ body: (inout KeyTable) async throws(SecretsError) -> Result
    ) async throws(SecretsError) -> Result {
        let path = KeyTable.path(in: directory)
        let lock = try OpenFile(directory + "/keys.lock", O_RDWR | O_CREAT)
        try lock.lock(waits: false)
        var table = try KeyTable.read(path)
        let result = try await body(&table)
        try table.write(to: path, replacing: true)
        return result
    }

    private static func rewrap(
        _ entry: inout KeyTable.Entry, with service: any KeyService
    ) async throws(SecretsError) {
        let key = try await unwrap(entry, with: service)
        entry.wrapped = try await service.rewrap(entry.wrapped, context: key.context)
        try await check(entry, is: key, with: service)
    }

    /// A key that does not open again would be lost with the old entry.
    private static func check(
        _ entry: KeyTable.Entry, is key: DataKey, with service: any KeyService
    ) async throws(SecretsError) {
        guard try await unwrap(entry, with: service).key == key.key else {
            throw .keyDoesNotOpen(
                service: service.name, context: key.context, problem: "what was wrapped is not what comes out")
        }
    }
}
