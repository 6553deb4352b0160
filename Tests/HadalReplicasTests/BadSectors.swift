import Foundation
import HadalObjects
import Synchronization

/// A disk some of whose sectors cannot be read until they are written again, and that may go altogether.
final class BadSectors: ObjectStorage {
    private let inner: DirectoryStorage
    /// What cannot be read.
    let names = Mutex<Set<String>>([])
    /// What is there can be read, and nothing be written or listed any more.
    let isGone = Mutex(false)

    init(_ inner: DirectoryStorage) { self.inner = inner }

    var place: String { inner.place }

    private func look(_ name: ObjectName) throws(ObjectError) {
        if names.withLock({ $0.contains(name.text) }) {
            throw .system(path: place + "/" + name.text, operation: "read", code: EIO)
        }
    }

    func put(_ name: ObjectName, _ bytes: Data) async throws(ObjectError) {
        try await inner.put(name, bytes)
        names.withLock { _ = $0.remove(name.text) }
    }
    func upload(
        _ name: ObjectName, file: String, sha256: String, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ObjectError) {
        if isGone.withLock({ $0 }) { throw .noPlace(place) }
        try await inner.upload(name, file: file, sha256: sha256, progress: progress)
        names.withLock { _ = $0.remove(name.text) }
    }
    func get(_ name: ObjectName, limit: Int) async throws(ObjectError) -> Data {
        try look(name)
        return try await inner.get(name, limit: limit)
    }
    func stat(_ name: ObjectName) async throws(ObjectError) -> StoredObject? { try await inner.stat(name) }
    func list(_ prefix: String) async throws(ObjectError) -> [StoredObject] {
        if isGone.withLock({ $0 }), prefix.hasPrefix("blobs") { throw .noPlace(place) }
        return try await inner.list(prefix)
    }
    func delete(_ name: ObjectName) async throws(ObjectError) { try await inner.delete(name) }
    func read(
        _ name: ObjectName, from offset: Int64, _ take: @escaping @Sendable (Data) async throws(ObjectError) -> Void
    ) async throws(ObjectError) {
        try look(name)
        try await inner.read(name, from: offset, take)
    }
}
