import Foundation
import HadalJSON
import HadalStore

/// The file `NAME.hadal-bundle`:
///
/// ```
/// hadal-bundle 1
/// hadal-ed25519 PUBLIC-KEY SIGNATURE      in Base64; or: unsigned
/// {…}                                     `BundleIndex`
/// ```
///
/// The signature is that of the first line and all from the third on (Ed25519, RFC 8032).
struct SealedIndex {
    private static let word = "hadal-bundle "
    private static let format = "1"
    private static let unsigned = "unsigned"

    let index: BundleIndex
    /// Whose signature was checked; nil: nobody's.
    let signer: PublicKey?

    static func write(_ index: BundleIndex, key: PrivateKey?, to path: String) throws {
        // What an import would refuse is not written.
        _ = try BundleIndex(index.json, file: path)
        let body = index.json.bytes + [0x0A]
        guard body.count < BundleIndex.fileBytesMax else {
            throw BundleError.badSplit(
                problem: "the index would have more than \(BundleIndex.fileBytesMax) bytes; split into larger parts, "
                    + "or export fewer models at once")
        }
        let head = Array((word + format + "\n").utf8)
        var seal = unsigned
        if let key {
            let signature = try key.signature(of: head + body)
            seal = Self.seal(key.publicKey, signature)
        }
        try AtomicFile.write(head + Array((seal + "\n").utf8) + body, to: path)
    }

    /// - Parameter admit: looks at who signed, before what was signed is looked at; throws to refuse it.
    static func read(_ path: String, admit: (PublicKey?) throws -> Void) throws -> SealedIndex {
        let file = try InputFile(path)
        func refuse(_ field: String, _ offset: Int, _ problem: String) -> BundleError {
            .badIndex(file: path, field: field, offset: offset, problem: problem)
        }
        guard file.size <= BundleIndex.fileBytesMax else {
            throw refuse("size", BundleIndex.fileBytesMax, "it goes on, and no index is as long")
        }
        let bytes = try file.read(at: 0, count: Int(file.size))
        let lines = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3, lines[0].starts(with: Array(word.utf8)) else {
            throw refuse("first line", 0, "not '\(word)\(format)', so no hadal bundle")
        }
        let version = String(decoding: lines[0].dropFirst(word.utf8.count), as: UTF8.self)
        guard version == format else {
            guard let number = Int(version), number > 0 else { throw refuse("format", word.utf8.count, "no number") }
            throw BundleError.newerFormat(file: path, version: "\(number)")
        }
        var signer: PublicKey?
        let seal = String(decoding: lines[1], as: UTF8.self)
        if seal != unsigned {
            guard let space = seal.lastIndex(of: " "), let key = PublicKey(String(seal[..<space])),
                let signature = Data(base64Encoded: String(seal[seal.index(after: space)...])),
                // One way to write it, so that nobody can change the file and have it count.
                seal == Self.seal(key, signature)
            else { throw refuse("signature", lines[1].startIndex, "no key and signature") }
            guard key.isSignature(signature, of: lines[0] + [0x0A] + lines[2]) else {
                throw BundleError.badSignature(file: path)
            }
            signer = key
        }
        try admit(signer)
        do {
            return SealedIndex(index: try BundleIndex(try JSON(parsing: lines[2]), file: path), signer: signer)
        } catch let error as JSONError {
            throw refuse("content", lines[2].startIndex + error.offset, error.problem)
        }
    }

    private static func seal(_ key: PublicKey, _ signature: Data) -> String {
        "\(key.text) \(signature.base64EncodedString())"
    }
}
