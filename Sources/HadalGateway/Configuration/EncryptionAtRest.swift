import Foundation
import HadalConfiguration
import HadalSecrets

/// The data keys of a running server, and what they encrypt. What is encrypted already can be read with them whatever
/// the purposes say now.
public struct EncryptionAtRest: Sendable {
    public let keys: DataKeys
    /// What is encrypted when it is written.
    public let purposes: Set<DataPurpose>

    public init(keys: DataKeys, purposes: Set<DataPurpose>) {
        self.keys = keys
        self.purposes = purposes
    }

    /// The keys that new data of this purpose is encrypted with; nil: it is written in plain.
    public func keys(for purpose: DataPurpose) -> DataKeys? { purposes.contains(purpose) ? keys : nil }

    /// Opens the key service and unwraps all data keys.
    /// - Parameter data: the data directory.
    /// - Returns: nil where no key service is configured, or no keys were ever made and nothing is to be encrypted.
    /// - Throws: `SecretsError` that says what to do: the service is away or refuses, `DATA/keys.json` is not there.
    public static func open(_ settings: SecretsSettings, data: URL) async throws(SecretsError) -> EncryptionAtRest? {
        guard let service = KeyServiceSettings(settings) else { return nil }
        let purposes = Set(settings.encrypt.map(DataPurpose.init))
        guard try DataKeys.describe(in: data.path) != nil else {
            if purposes.isEmpty { return nil }
            throw .notSetUp(path: data.appendingPathComponent("keys.json").path)
        }
        let keys = try await DataKeys.open(in: data.path, service: try await service.open(in: data.path))
        for purpose in purposes { _ = try keys.key(for: purpose) }
        return EncryptionAtRest(keys: keys, purposes: purposes)
    }
}

extension DataPurpose {
    init(_ purpose: SecretsSettings.Purpose) {
        self =
            switch purpose {
            case .models: .models
            case .audit: .audit
            case .knowledge: .knowledge
            case .conversations: .conversations
            }
    }
}
