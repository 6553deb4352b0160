import Foundation
import HadalObjects
import HadalSecrets

/// The keys of a place.
extension Replica {
    private static let prefix = "keys/"
    private static let bytesMax = 1 << 20
    private static let countMax = 1000

    /// Opens the keys of a place, or makes the first one where copies are to be encrypted. A place that has keys stays
    /// encrypted, whatever the form says: nothing comes there in plain by an oversight.
    /// - Parameter service: asked for only where it is needed.
    /// - Throws: `SecretsError`, what `service` throws, `ObjectError`
    package static func open(
        _ storage: any ObjectStorage, form: CopyForm, now: Date = Date(),
        pieceBytes: Int = PieceShelf.pieceBytes, service: () async throws -> any KeyService
    ) async throws -> Replica {
        var objects = try await keyObjects(in: storage)
        if objects.isEmpty, !form.isEncrypted { return Replica(storage, form: form, pieceBytes: pieceBytes) }
        let service = try await service()
        if objects.isEmpty {
            let (id, bytes) = try await DataKeys.travelling(for: .models, wrappedBy: service, now: now)
            try await storage.put(try ObjectName("\(prefix)\(id).json"), Data(bytes))
            // Another machine may have made one just now.
            objects = try await keyObjects(in: storage)
        }
        var files: [(name: String, bytes: [UInt8])] = []
        for name in objects {
            files.append(("\(storage.place)/\(name)", Array(try await storage.get(name, limit: bytesMax))))
        }
        let keys = try await DataKeys.open(files, at: "\(storage.place)/keys", service: service)
        return Replica(storage, form: form, keys: keys, pieceBytes: pieceBytes)
    }

    private static func keyObjects(in storage: any ObjectStorage) async throws(ObjectError) -> [ObjectName] {
        let names = try await storage.list(prefix).map(\.name).filter {
            $0.text.wholeMatch(of: /keys\/[0-9a-f]{32}\.json/) != nil
        }
        guard names.count <= countMax else {
            throw .tooLarge(place: storage.place, name: "list of keys", limit: countMax)
        }
        return names
    }
}
