import HadalJSON
import HadalStore

/// `GET /api/models/REPO/revision/REV?blobs=true`, as https://huggingface.co/docs/hub/api and huggingface_hub's
/// `model_info(files_metadata=True)` have it: `sha`, `siblings: [{rfilename, size, blobId, lfs: {sha256, size}}]`,
/// `cardData: {license, license_name, license_link}`, `tags: ["license:mit"]`.
enum HuggingFaceListing {
    static func url(_ source: ModelSource, _ repository: String, revision: String) -> String {
        let revision = ModelSource.escaped(revision, keepsSlashes: false)
        return "\(source.endpoint)/api/models/\(repository)/revision/\(revision)?blobs=true"
    }

    static func read(
        _ json: JSON, _ source: ModelSource, _ repository: String, url: String
    ) throws -> RemoteModel {
        guard let commit = json["sha"]?.string, let siblings = json["siblings"]?.array,
            Manifest.isCommit(commit)
        else { throw PullError.badAnswer(url: url, problem: "sha or siblings is missing, or sha is no commit") }
        guard siblings.count <= Manifest.filesMax else {
            throw PullError.badAnswer(url: url, problem: "more than \(Manifest.filesMax) files")
        }
        let files = try siblings.map { sibling in
            guard let name = sibling["rfilename"]?.string else {
                throw PullError.badAnswer(url: url, problem: "a file without rfilename")
            }
            let path = try FilePath(name)
            let large = sibling["lfs"]
            return RemoteModel.File(
                path: path, size: try RemoteModel.size(large?["size"]?.int ?? sibling["size"]?.int, of: name, url),
                digest: large?["sha256"]?.string.flatMap(BlobDigest.init(hex:)),
                gitName: large?.object == nil ? sibling["blobId"]?.string : nil,
                url: "\(source.endpoint)/\(repository)/resolve/\(commit)/"
                    + ModelSource.escaped(name, keepsSlashes: true))
        }
        return RemoteModel(commit: commit, license: license(json), files: files)
    }

    private static func license(_ json: JSON) -> String? {
        let card = json["cardData"]
        let tags = json["tags"]?.array?.compactMap(\.string) ?? []
        let licenses =
            card?["license"]?.array?.compactMap(\.string) ?? [card?["license"]?.string].compactMap { $0 }
        var text = licenses.joined(separator: ", ")
        if text.isEmpty, let tag = tags.first(where: { $0.hasPrefix("license:") }) { text = String(tag.dropFirst(8)) }
        if text.isEmpty { return nil }
        if let name = card?["license_name"]?.string { text += ": " + name }
        if let link = card?["license_link"]?.string { text += " (\(link))" }
        return PullError.line(text)
    }
}
