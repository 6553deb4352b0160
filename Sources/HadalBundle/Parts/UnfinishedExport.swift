import Foundation
import HadalStore

/// A file beside the parts of a bundle that has no index yet: `NAME.unfinished` with the bundle's ID. By it the next
/// export of that name knows which parts are those of one that was cut off; others are of a bundle whose index may be
/// kept elsewhere.
struct UnfinishedExport {
    private let path: String
    /// Of the bundle, as 32 hexadecimal digits.
    let id: String

    /// Goes on with what was cut off, or begins.
    init(_ path: String) throws {
        self.path = path
        if try AtomicFile.size(of: path) != nil {
            id = String(decoding: try InputFile(path).read(at: 0, count: 33), as: UTF8.self)
            guard BundleIndex.isID(id) else { throw BundleError.exists(path: path) }
        } else {
            id = BlobDigest.text((0..<16).map { _ in UInt8.random(in: 0...255) })
            try AtomicFile.write(Array(id.utf8), to: path)
        }
    }

    func end() { unlink(path) }
}
