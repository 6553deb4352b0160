import HadalStore

/// A repository's files at one commit, as the server tells them.
struct RemoteModel: Sendable {
    struct File: Sendable, Hashable {
        let path: FilePath
        /// bytes
        let size: Int64
        /// nil: the server does not say it.
        let digest: BlobDigest?
        /// Git's name of the content (SHA-1 over a header and it), where there is no SHA-256.
        var gitName: String?
        let url: String
    }

    let commit: String
    let license: String?
    let files: [File]

    /// With digests that are known beforehand. A server that states none is checked by them.
    /// - Throws: `PullError.otherDigest` where it states another.
    func insisting(on digests: [FilePath: BlobDigest]) throws(PullError) -> RemoteModel {
        var files: [File] = []
        for file in self.files {
            guard let wanted = digests[file.path] else {
                files.append(file)
                continue
            }
            if let told = file.digest, told != wanted {
                throw .otherDigest(file: file.path.text, wanted: wanted.hex, told: told.hex)
            }
            files.append(
                File(path: file.path, size: file.size, digest: wanted, gitName: file.gitName, url: file.url))
        }
        return RemoteModel(commit: commit, license: license, files: files)
    }

    /// What servers say of a file, checked.
    static func size(_ value: Int?, of path: String, _ url: String) throws(PullError) -> Int64 {
        guard let value, (0...Manifest.fileBytesMax).contains(Int64(value)) else {
            throw .badAnswer(url: url, problem: "no size for \(PullError.line(path))")
        }
        return Int64(value)
    }
}
