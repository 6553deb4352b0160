import Foundation
import HadalObjects
import HadalStore

/// Where copies of one form lie in a place. A copy is one object or several: its unit.
protocol Shelf: Sendable {
    /// All names on it begin so.
    var prefix: String { get }

    /// What the names of a file's objects begin with.
    func unit(of file: Manifest.File) -> String

    /// - Returns: nil where it is no name of this form.
    func unit(of name: ObjectName) -> String?

    /// By names and sizes alone.
    /// - Parameter objects: of the file's unit.
    func isWhole(_ file: Manifest.File, _ objects: [StoredObject]) -> Bool

    /// The file's bytes in their order.
    /// - Throws: `ObjectError.notFound`, `ObjectError.damaged`. That all of it fits together is for the caller to find.
    func read(
        _ file: Manifest.File, from offset: Int64, _ take: @escaping @Sendable (Data) async throws(ObjectError) -> Void
    ) async throws(ObjectError)

    /// - Parameters:
    ///   - blob: is to have the hash.
    ///   - mending: what is there may be damaged.
    ///   - progress: is told how many bytes of the file are there so far.
    /// - Throws: `ObjectError.wrongBytes` where the file has another one; what is there is as it was.
    func put(
        _ file: Manifest.File, from blob: BlobFile, mending: Bool, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ObjectError)

    /// What is not there is no error.
    func remove(_ file: Manifest.File) async throws(ObjectError)
}
