import Crypto
import Foundation

/// Objects as files in a directory: on another disk, or one that other machines offer. Names with `/` are files in
/// directories; `a` and `a/b` cannot both be there. Files that are no objects are left alone, symbolic links are not
/// followed. What a killed writer leaves is no object, and goes with a listing a day later.
public struct DirectoryStorage: ObjectStorage {
    public let place: String

    /// - Parameters:
    ///   - path: absolute.
    ///   - creating: makes the directory where it is not there; never those above it, which an unmounted disk lacks.
    /// - Throws: `ObjectError.noPlace`
    public init(_ path: String, creating: Bool = false) throws(ObjectError) {
        place = path
        if creating, mkdir(path, 0o700) == 0 {
            try OpenFile.open(URL(fileURLWithPath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY)
                .sync()
        } else if creating, errno != EEXIST {
            throw .system(path: path, operation: "make", code: errno)
        }
        _ = try ObjectDirectory.root(path)
    }

    public func put(_ name: ObjectName, _ bytes: Data) async throws(ObjectError) {
        try await write(name) { file throws(ObjectError) in
            try await blocking { () throws(ObjectError) in try file.write(bytes, at: 0) }
        }
    }

    public func get(_ name: ObjectName, limit: Int) async throws(ObjectError) -> Data {
        try await blocking { () throws(ObjectError) in
            let (file, state) = try found(name)
            guard state.size <= limit else { throw .tooLarge(place: place, name: name.text, limit: limit) }
            return try file.whole(at: 0, count: Int(state.size))
        }
    }

    public func stat(_ name: ObjectName) async throws(ObjectError) -> StoredObject? {
        try await blocking { () throws(ObjectError) in
            try look(name).map { StoredObject(name: name, size: $0.state.size, modified: $0.state.modified) }
        }
    }

    public func list(_ prefix: String) async throws(ObjectError) -> [StoredObject] {
        try await blocking { () throws(ObjectError) in try DirectoryListing(prefix, below: place).objects }
    }

    public func delete(_ name: ObjectName) async throws(ObjectError) {
        try await blocking { () throws(ObjectError) in
            var segments = name.segments
            let last = segments.removeLast()
            try directory(segments)?.remove(last)
        }
    }

    public func upload(
        _ name: ObjectName, file: String, sha256: String, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ObjectError) {
        let (source, size) = try await blocking { () throws(ObjectError) in try OpenFile.source(file) }
        try await write(name) { target throws(ObjectError) in
            var hash = SHA256()
            var pieces = FilePieces(file: source, part: 0..<size).makeAsyncIterator()
            var offset: Int64 = 0
            while let bytes = try await pieces.nextBytes() {
                let start = offset
                try await blocking { () throws(ObjectError) in try target.write(bytes, at: start) }
                hash.update(data: bytes)
                offset += Int64(bytes.count)
                progress(offset)
            }
            try ObjectError.check(file, Hex.text(hash.finalize()), against: sha256)
        }
    }

    public func read(
        _ name: ObjectName, from offset: Int64, _ take: @escaping @Sendable (Data) async throws(ObjectError) -> Void
    ) async throws(ObjectError) {
        let (source, size) = try await blocking { () throws(ObjectError) in
            let (source, state) = try found(name)
            return (source, state.size)
        }
        guard (0...size).contains(offset) else {
            throw .badOffset(file: place + "/" + name.text, offset: offset, problem: "it has \(size) bytes")
        }
        var pieces = FilePieces(file: source, part: offset..<size).makeAsyncIterator()
        while let bytes = try await pieces.nextBytes() { try await take(bytes) }
    }

    // MARK: the way to a file

    private func write(
        _ name: ObjectName, _ body: (OpenFile) async throws(ObjectError) -> Void
    ) async throws(ObjectError) {
        let new = try await blocking { () throws(ObjectError) in try NewObject(name, below: place) }
        do {
            try await body(new.file)
            try await blocking { () throws(ObjectError) in try new.enter() }
        } catch {
            new.discard()
            throw error
        }
    }

    /// nil: it is not there.
    private func directory(_ segments: [String]) throws(ObjectError) -> ObjectDirectory? {
        let root = try ObjectDirectory.root(place)
        do { return try root.descend(segments) } catch {
            if ObjectDirectory.isAbsence(error) { return nil }
            throw error
        }
    }

    private func look(_ name: ObjectName) throws(ObjectError) -> (file: OpenFile, state: OpenFile.State)? {
        var segments = name.segments
        let last = segments.removeLast()
        return try directory(segments)?.object(last)
    }

    private func found(_ name: ObjectName) throws(ObjectError) -> (file: OpenFile, state: OpenFile.State) {
        guard let object = try look(name) else { throw .notFound(place: place, name: name.text) }
        return object
    }
}
