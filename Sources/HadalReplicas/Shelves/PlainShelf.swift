import Foundation
import HadalObjects
import HadalStore

/// Files as they are: `blobs/sha256-…`.
struct PlainShelf: Shelf {
    let storage: any ObjectStorage

    let prefix = "blobs/"

    func unit(of file: Manifest.File) -> String { "\(prefix)\(file.digest)" }

    func unit(of name: ObjectName) -> String? {
        name.text.wholeMatch(of: /blobs\/sha256-[0-9a-f]{64}/).map { String($0.output) }
    }

    func isWhole(_ file: Manifest.File, _ objects: [StoredObject]) -> Bool { objects.first?.size == file.size }

    func read(
        _ file: Manifest.File, from offset: Int64, _ take: @escaping @Sendable (Data) async throws(ObjectError) -> Void
    ) async throws(ObjectError) {
        try await storage.read(try ObjectName(unit(of: file)), from: offset, take)
    }

    func put(
        _ file: Manifest.File, from blob: BlobFile, mending: Bool, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ObjectError) {
        try await storage.upload(
            try ObjectName(unit(of: file)), file: blob.path, sha256: file.digest.hex, progress: progress)
    }

    func remove(_ file: Manifest.File) async throws(ObjectError) {
        try await storage.delete(try ObjectName(unit(of: file)))
    }
}
