import Foundation

public struct StoredObject: Sendable, Hashable {
    public let name: ObjectName
    /// Bytes.
    public let size: Int64
    public let modified: Date

    public init(name: ObjectName, size: Int64, modified: Date) {
        self.name = name
        self.size = size
        self.modified = modified
    }
}

/// A place that keeps objects: names to bytes. An object is there as a whole or not at all, whoever is killed while
/// writing.
public protocol ObjectStorage: Sendable {
    /// For people: `/mnt/backup`, `s3://bucket/prefix`.
    var place: String { get }

    /// Replaces in one step: readers see all of the old bytes or all of the new ones. Durable on return.
    func put(_ name: ObjectName, _ bytes: Data) async throws(ObjectError)

    /// - Parameter limit: of bytes; a larger object is `ObjectError.tooLarge`.
    /// - Throws: `ObjectError.notFound`
    func get(_ name: ObjectName, limit: Int) async throws(ObjectError) -> Data

    /// nil: there is no such object.
    func stat(_ name: ObjectName) async throws(ObjectError) -> StoredObject?

    /// All objects whose names begin so, sorted by name.
    func list(_ prefix: String) async throws(ObjectError) -> [StoredObject]

    /// An object that is not there is no error.
    func delete(_ name: ObjectName) async throws(ObjectError)

    /// `put` from a file, piece by piece.
    /// - Parameters:
    ///   - sha256: of the bytes, in hex, computed while they go.
    ///   - progress: is told how many bytes are there so far.
    /// - Throws: `ObjectError.wrongBytes`; the object is then what it was.
    func upload(
        _ name: ObjectName, file: String, sha256: String, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ObjectError)

    /// The object's bytes in their order, from `offset` on, without a file for them.
    /// - Parameter take: is waited for. What it throws ends the reading.
    func read(
        _ name: ObjectName, from offset: Int64, _ take: @escaping @Sendable (Data) async throws(ObjectError) -> Void
    ) async throws(ObjectError)
}
