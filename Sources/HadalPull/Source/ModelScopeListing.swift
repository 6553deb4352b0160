import HadalJSON
import HadalStore

/// `GET /api/v1/models/REPO/repo/files?Revision=REV&Recursive=true`, as ModelScope's `modelscope/hub/api.py` calls it:
/// `Data: {Files: [{Path, Type: blob|tree, Size, Sha256, Revision}]}`.
enum ModelScopeListing {
    static func url(_ source: ModelSource, _ repository: String, revision: String) -> String {
        let revision = ModelSource.escaped(revision, keepsSlashes: false)
        return "\(source.endpoint)/api/v1/models/\(repository)/repo/files?Revision=\(revision)&Recursive=true"
    }

    /// Where the model itself is described, its licence among it.
    static func modelURL(_ source: ModelSource, _ repository: String, revision: String) -> String {
        let revision = ModelSource.escaped(revision, keepsSlashes: false)
        return "\(source.endpoint)/api/v1/models/\(repository)?Revision=\(revision)"
    }

    /// The listing names no commit of the whole; the digest over all files' takes its place.
    static func read(
        _ json: JSON, model: JSON?, _ source: ModelSource, _ repository: String, url: String
    ) throws -> RemoteModel {
        guard let members = json["Data"]?["Files"]?.array else {
            let words = json["Message"]?.string.map(PullError.line)
            throw PullError.badAnswer(url: url, problem: words ?? "Data.Files is missing")
        }
        guard members.count <= Manifest.filesMax else {
            throw PullError.badAnswer(url: url, problem: "more than \(Manifest.filesMax) files")
        }
        var files: [RemoteModel.File] = []
        for member in members where member["Type"]?.string != "tree" {
            guard let name = member["Path"]?.string, let revision = member["Revision"]?.string else {
                throw PullError.badAnswer(url: url, problem: "a file without Path or Revision")
            }
            files.append(
                RemoteModel.File(
                    path: try FilePath(name), size: try RemoteModel.size(member["Size"]?.int, of: name, url),
                    digest: member["Sha256"]?.string.flatMap(BlobDigest.init(hex:)),
                    url: "\(source.endpoint)/api/v1/models/\(repository)/repo?Revision="
                        + ModelSource.escaped(revision, keepsSlashes: false) + "&FilePath="
                        + ModelSource.escaped(name, keepsSlashes: false)))
        }
        let lines = files.sorted { $0.path < $1.path }.map { "\($0.path) \($0.digest?.hex ?? $0.url)" }
        let commit = BlobDigest(of: lines.joined(separator: "\n")).hex
        let license = model?["Data"]?["License"]?.string.flatMap { $0.isEmpty ? nil : PullError.line($0) }
        return RemoteModel(commit: String(commit.prefix(40)), license: license, files: files)
    }
}
