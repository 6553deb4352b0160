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

    /// What servers say of a file, checked.
    static func size(_ value: Int?, of path: String, _ url: String) throws(PullError) -> Int64 {
        guard let value, (0...Manifest.fileBytesMax).contains(Int64(value)) else {
            throw .badAnswer(url: url, problem: "no size for \(PullError.line(path))")
        }
        return Int64(value)
    }
}
