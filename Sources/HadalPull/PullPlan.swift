import Foundation
import HadalStore

/// What a pull will have, and what of it is there.
struct PullPlan {
    /// With checksums also where only an earlier pull of the same commit knew them.
    let files: [RemoteModel.File]
    /// As the store has it already.
    let earlier: Manifest?
    private let id: String
    private let name: String
    private let commit: String

    var byteCount: Int64 { files.reduce(0) { $0 + $1.size } }

    /// - Parameter source: whose listing it is.
    init(
        _ model: RemoteModel, _ choice: FileChoice, _ repository: String, from source: ModelSource, _ store: ModelStore
    ) throws {
        var paths: Set<FilePath> = []
        for file in choice.files where !paths.insert(file.path).inserted {
            throw PullError.badAnswer(url: file.url, problem: "the listing has \(file.path) twice")
        }
        id = Manifest.id(
            repository: repository, variant: choice.variant, commit: model.commit, paths: choice.files.map(\.path))
        name = repository + (choice.variant.map { ":" + $0 } ?? "")
        commit = model.commit
        let id = id
        let earlier = try store.readable().manifests.first { $0.id == id }
        self.earlier = earlier
        files = choice.files.map { file in
            guard file.digest == nil, let known = earlier?.files.first(where: { $0.path == file.path }),
                known.size == file.size
            else { return file }
            // Another source may have had other bytes for what it called the same commit.
            let isSame =
                file.gitName.map { (try? FileCheck.gitName(try store.open(known))) == $0 }
                ?? (earlier?.source == source.name)
            guard isSame else { return file }
            return RemoteModel.File(
                path: file.path, size: file.size, digest: known.digest, gitName: file.gitName, url: file.url)
        }
    }

    /// The name of a file that is not yet whole: by its content where that is known, so that another revision or
    /// repository with the same file goes on with it.
    static func partialName(_ file: RemoteModel.File) -> String {
        if let digest = file.digest { return digest.description }
        if let name = file.gitName, name.utf8.count == 40, name.allSatisfy(\.isHexDigit) { return "git-" + name }
        return "url-" + BlobDigest(of: file.url).hex
    }

    /// Of files that are to come.
    func missingSizes(_ store: ModelStore) throws -> [Int64] {
        try files.filter { file in try file.digest.map { try !store.has($0, size: file.size) } ?? true }.map(\.size)
    }

    /// Bytes that need not be fetched.
    func doneBytes(_ store: ModelStore) throws -> Int64 {
        try files.reduce(0) { sum, file in
            if let digest = file.digest, try store.has(digest, size: file.size) { return sum + file.size }
            return sum + PartialFile.doneBytes(store.partial(Self.partialName(file)), size: file.size)
        }
    }

    func claim(_ store: ModelStore) throws -> Claim {
        let there = try files.compactMap { file in
            try file.digest.flatMap { try store.has($0, size: file.size) ? $0 : nil }
        }
        return Claim(
            id: id, name: name, commit: commit, byteCount: byteCount, blobs: Set(there),
            partials: Set(files.map(Self.partialName)))
    }
}
