import Foundation

/// What the table says of a data key; no key service is needed for it.
public struct DataKeyDescription: Sendable, Hashable {
    public var id: DataKeyID
    public var purpose: DataPurpose
    public var created: Date
    /// The key service that wrapped it, and the version of the master key.
    public var service: String
    public var version: Int
}

extension DataKeys {
    /// The table's keys, oldest first; nil where nothing has been set up.
    public static func describe(in directory: String) throws(SecretsError) -> [DataKeyDescription]? {
        do throws(SecretsError) {
            return try KeyTable.read(KeyTable.path(in: directory)).entries.map { entry in
                DataKeyDescription(
                    id: entry.id, purpose: entry.purpose, created: entry.created, service: entry.wrapped.service,
                    version: entry.wrapped.version)
            }
        } catch .notSetUp {
            return nil
        }
    }
}
