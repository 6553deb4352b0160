import HadalObjects
import HadalStore

/// How a check goes on beside other work: at a pace, and not twice over the same.
struct CheckWatch: Sendable {
    /// Of files in buckets only names and sizes count.
    var listsBuckets = false
    /// Whether a file in a place is left out, because it was found in order before.
    var isDone: @Sendable (_ place: String, _ file: BlobDigest) -> Bool = { _, _ in false }
    /// Is given how many bytes more were read, and waited for.
    var took: @Sendable (Int64) async throws(ObjectError) -> Void = { _ in }
    /// What was looked at, to its end.
    var looked: @Sendable (_ place: String, _ file: BlobDigest, _ isInOrder: Bool) throws -> Void = { _, _, _ in }
}
