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
            let found = try Self.gitName(path, size: file.size)
            difference = told == found ? nil : (told, found)
        } else {
            difference = nil
        }
    }

    /// Git's name of a file: SHA-1 of `blob SIZE`, a zero byte and the content.
    static func gitName(_ path: String, size: Int64) throws -> String {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        var hash = Insecure.SHA1()
        hash.update(data: Data("blob \(size)\0".utf8))
        while let data = try handle.read(upToCount: 1 << 20), !data.isEmpty { hash.update(data: data) }
        return BlobDigest.text(hash.finalize())
    }
}
