import Crypto
import Foundation
import HadalStore

/// Whether a file that came whole is the one that was promised.
struct FileCheck {
    /// Of the file as it lies there.
    let digest: BlobDigest
    /// What was expected and what is there, where they differ.
    let difference: (told: String, found: String)?

    /// - Parameter path: of the file's bytes, of which there are as many as there should be.
    init(_ path: String, _ file: RemoteModel.File) throws {
        digest = try FileHash.sha256(path) { _ in try Task.checkCancellation() }.digest
        if let told = file.digest {
            difference = told == digest ? nil : (told.hex, digest.hex)
        } else if let told = file.gitName {
            let found = try Self.gitName(BlobFile(plain: path))
            difference = told == found ? nil : (told, found)
        } else {
            difference = nil
        }
    }

    /// Git's name of a file: SHA-1 of `blob SIZE`, a zero byte and the content.
    static func gitName(_ file: BlobFile) throws -> String {
        var hash = Insecure.SHA1()
        hash.update(data: Data("blob \(file.size)\0".utf8))
        try file.forEachPiece { hash.update(data: $0) }
        return BlobDigest.text(hash.finalize())
    }
}
