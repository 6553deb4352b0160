import Foundation
import HadalStore

/// What a bundle has: models, and where in its parts their files' bytes lie. Each file is there once, however many
/// models have it.
///
/// ```
/// NAME.hadal-bundle   this (`SealedIndex`)
/// NAME.001 …          parts: a `PartHeader`, then extents one after the other, without gaps
/// ```
public struct BundleIndex: Sendable, Hashable {
    public struct Model: Sendable, Hashable {
        public let manifest: Manifest
        public let tags: [ModelTag]
    }

    public struct Part: Sendable, Hashable {
        /// bytes, the header among them
        public let size: Int64
        public let digest: BlobDigest
    }

    /// Bytes of a blob that lie in one part. Each can be read without the others, so that parts can come in any order.
    public struct Extent: Sendable, Hashable {
        /// From 1 on.
        public let part: Int
        /// Where it begins in the part, in bytes.
        public let offset: Int64
        /// bytes in the part
        public var stored: Int64
        /// bytes of the blob
        public var size: Int64
        /// As zstd frames, none of which reaches into another extent; else the bytes themselves.
        public let isCompressed: Bool
    }

    public struct Blob: Sendable, Hashable {
        public let digest: BlobDigest
        /// bytes
        public let size: Int64
        /// One after the other in the blob.
        public let extents: [Extent]
    }

    public static let fileEnding = ".hadal-bundle"
    public static let fileBytesMax = 16 << 20
    /// An import holds a lock for each.
    static let modelsMax = 256
    static let tagsMax = 64
    /// So many of `Manifest.fileBytesMax` can be added up.
    static let blobsMax = 1 << 16
    static let partsMax = 9999
    /// So many of them as there may be can be added up.
    static let partBytesMax: Int64 = 1 << 49

    /// 32 hexadecimal digits, of chance; its parts have it too.
    public let id: String
    public let createdAt: Date
    public let models: [Model]
    public let parts: [Part]
    public let blobs: [Blob]

    /// bytes of all files, each counted once
    public var byteCount: Int64 { blobs.reduce(0) { $0 + $1.size } }
    /// bytes of all parts
    public var storedByteCount: Int64 { parts.reduce(0) { $0 + $1.size } }

    static func isID(_ text: String) -> Bool {
        text.utf8.count == 32 && text.allSatisfy { $0.isASCII && $0.isHexDigit && !$0.isUppercase }
    }

    /// `NAME.001`
    static func partName(_ name: String, _ number: Int) -> String {
        let digits = String(number)
        return name + "." + String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }

    /// `NAME` of `…/NAME.hadal-bundle`, or of what else the file is called.
    static func name(ofFile path: String) -> String {
        let file = (path as NSString).lastPathComponent
        return file.hasSuffix(fileEnding) ? String(file.dropLast(fileEnding.count)) : file
    }
}
