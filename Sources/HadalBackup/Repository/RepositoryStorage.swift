import Foundation
import HadalObjects

/// The place's objects, by texts that are names of ours.
struct RepositoryStorage: Sendable {
    let storage: any ObjectStorage

    var place: String { storage.place }

    func put(_ name: String, _ bytes: Data) async throws(BackupError) {
        do throws(ObjectError) { try await storage.put(try ObjectName(name), bytes) } catch { throw .storage(error) }
    }

    func get(_ name: String, limit: Int) async throws(BackupError) -> Data {
        do throws(ObjectError) { return try await storage.get(try ObjectName(name), limit: limit) } catch {
            if case .notFound = error { throw .missing(place: place, object: name) }
            throw .storage(error)
        }
    }

    func stat(_ name: String) async throws(BackupError) -> StoredObject? {
        do throws(ObjectError) { return try await storage.stat(try ObjectName(name)) } catch { throw .storage(error) }
    }

    /// Without the prefix.
    func list(_ prefix: String) async throws(BackupError) -> [(name: Substring, object: StoredObject)] {
        do throws(ObjectError) {
            return try await storage.list(prefix).map { ($0.name.text.dropFirst(prefix.count), $0) }
        } catch { throw .storage(error) }
    }

    func delete(_ name: String) async throws(BackupError) {
        do throws(ObjectError) { try await storage.delete(try ObjectName(name)) } catch { throw .storage(error) }
    }

    /// All chunks that are there.
    func chunks() async throws(BackupError) -> [(name: ChunkName, object: StoredObject)] {
        try await list("chunks/").compactMap { found in
            found.name.split(separator: "/").last.flatMap { ChunkName(hex: $0) }.map { ($0, found.object) }
        }
    }
}
