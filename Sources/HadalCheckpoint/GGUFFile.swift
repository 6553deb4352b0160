import Foundation

/// A GGUF checkpoint: metadata and tensors, from one file or from all files of a split set.
public struct GGUFFile: Sendable {
    public let path: String
    public let version: Int
    /// Of the first file, where all that matters stands.
    public let metadata: GGUFMetadata
    /// In file order, without repeated names.
    public let tensors: [Tensor]
    /// The mapped files, one for each part of the set.
    public let files: [MappedFile]

    /// More parts than anybody writes; their numbers have five digits.
    static let splitCountMax = 4_096

    /// - Parameter path: the file, or the first (`-00001-of-00003.gguf`) of a split set; the others lie beside it.
    public static func open(path: String, opener: FileOpener = .plain) throws(CheckpointError) -> GGUFFile {
        try GGUFFile(opener.open(path), opener)
    }

    /// The same from a file mapped already, or from memory.
    public static func parse(_ file: MappedFile) throws(CheckpointError) -> GGUFFile { try GGUFFile(file, .plain) }

    init(_ file: MappedFile, _ opener: FileOpener) throws(CheckpointError) {
        let first = try GGUFParser(file)
        path = file.path
        version = first.version
        metadata = first.metadata
        let parts = try Self.splitCount(first.metadata, file)
        guard parts > 1 else {
            tensors = first.tensors
            files = [file]
            return
        }
        (tensors, files) = try Self.join(first, file, parts: parts, opener)
    }

    private static func splitCount(_ metadata: GGUFMetadata, _ file: MappedFile) throws(CheckpointError) -> Int {
        guard let value = metadata["split.count"] else { return 1 }
        guard let count = value.int, count >= 0 else {
            throw .invalid(file: file.path, item: "key \"split.count\"", offset: 0, problem: "\(value) is no count")
        }
        guard count <= splitCountMax else {
            throw .limit(
                file: file.path, item: "key \"split.count\"", offset: 0, value: UInt64(count),
                limit: UInt64(splitCountMax))
        }
        return count
    }

    private static func join(
        _ first: GGUFParser, _ file: MappedFile, parts: Int, _ opener: FileOpener
    ) throws(CheckpointError) -> ([Tensor], [MappedFile]) {
        func invalid(_ file: MappedFile, _ item: String, _ problem: String) -> CheckpointError {
            .invalid(file: file.path, item: item, offset: 0, problem: problem)
        }
        guard let number = first.metadata.int("split.no") else {
            throw invalid(file, "key \"split.no\"", "missing or no integer, with a split.count of \(parts)")
        }
        guard number == 0 else {
            throw invalid(
                file, "key \"split.no\"", "this is part \(number + 1) of \(parts); open the first part instead")
        }
        let others = otherParts(of: file.path)
        guard others.count == parts - 1 else {
            throw invalid(
                file, "file name",
                "the first of \(parts) parts has to end in -\(digits(1))-of-\(digits(parts)).gguf, "
                    + "so that the others can be found")
        }
        var tensors = first.tensors
        var files = [file]
        var names = Set(tensors.map(\.name))
        for (part, path) in zip(1..., others) {
            let next = try opener.open(path)
            let parsed = try GGUFParser(next)
            guard parsed.metadata.int("split.no") == part, parsed.metadata.int("split.count") == parts else {
                throw invalid(next, "key \"split.no\"", "this is not part \(part + 1) of \(parts)")
            }
            for tensor in parsed.tensors where !names.insert(tensor.name).inserted {
                throw invalid(next, "tensor \(CheckpointError.shown(tensor.name))", "is in an earlier part too")
            }
            tensors += parsed.tensors
            files.append(next)
        }
        if let total = first.metadata.int("split.tensors.count"), total != tensors.count {
            throw invalid(file, "key \"split.tensors.count\"", "\(total), but the parts have \(tensors.count) tensors")
        }
        return (tensors, files)
    }

    private static func digits(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 5 - text.count)) + text
    }

    /// The files beside the first of a split set, `-00001-of-0000N.gguf`, by its name; none where it has another.
    static func otherParts(of path: String) -> [String] {
        let plain = FileOpener.plainName(path)
        guard let match = plain.firstMatch(of: /-00001-of-([0-9]{5})\.gguf$/), let parts = Int(match.1) else {
            return []
        }
        let (stem, suffix) = (plain[..<match.range.lowerBound], path.dropFirst(plain.count))
        return (1..<max(1, parts)).map { "\(stem)-\(digits($0 + 1))-of-\(digits(parts)).gguf\(suffix)" }
    }
}
