import Foundation
import HadalObjects
import HadalStore

/// Files in pieces, each an object of its own, packed or sealed or both: `packed/SHA256/000000`, or
/// `sealed/files/HMAC/000000`. What was cut off goes on with the next piece, and one that is damaged is replaced alone.
struct PieceShelf: Shelf {
    /// Of a file, in one object. Part of the format: who reads cuts as who wrote.
    static let pieceBytes = 16 << 20
    /// A piece is packed where of a hundred bytes so many are saved.
    private static let leastSaved = 5
    /// Sent at once.
    private static let width = 4

    let storage: any ObjectStorage
    /// Of zstd, for what is written; nil: nothing is packed.
    let level: Int?
    /// nil: what lies there is in plain.
    let seal: Seal?
    let pieceBytes: Int

    var prefix: String { seal == nil ? "packed/" : "sealed/files/" }

    // MARK: names

    func unit(of file: Manifest.File) -> String {
        prefix + (seal.map { $0.name(of: "file \(file.digest.hex)") } ?? file.digest.hex) + "/"
    }

    func unit(of name: ObjectName) -> String? {
        guard name.text.hasPrefix(prefix),
            let match = name.text.dropFirst(prefix.utf8.count).wholeMatch(of: /([0-9a-f]{64}\/)[0-9]{6}/)
        else { return nil }
        return prefix + match.1
    }

    func isWhole(_ file: Manifest.File, _ objects: [StoredObject]) -> Bool {
        let names = Set(objects.map(\.name.text))
        return (0..<count(of: file)).allSatisfy { names.contains(unit(of: file) + Self.digits($0)) }
    }

    /// One at least: also an empty file is there or not.
    private func count(of file: Manifest.File) -> Int {
        max(1, Int((file.size + Int64(pieceBytes) - 1) / Int64(pieceBytes)))
    }

    private func size(of index: Int, of file: Manifest.File) -> Int {
        Int(min(Int64(pieceBytes), file.size - Int64(index) * Int64(pieceBytes)))
    }

    private func name(of index: Int, of file: Manifest.File) throws(ObjectError) -> ObjectName {
        try ObjectName(unit(of: file) + Self.digits(index))
    }

    private static func digits(_ index: Int) -> String {
        let text = "\(index)"
        return String(repeating: "0", count: max(0, 6 - text.utf8.count)) + text
    }

    // MARK: reading

    func read(
        _ file: Manifest.File, from offset: Int64, _ take: @escaping @Sendable (Data) async throws(ObjectError) -> Void
    ) async throws(ObjectError) {
        for index in Int(offset / Int64(pieceBytes))..<count(of: file) {
            let start = Int64(index) * Int64(pieceBytes)
            try await take(try await piece(index, of: file).dropFirst(Int(max(0, offset - start))))
        }
    }

    private func piece(_ index: Int, of file: Manifest.File) async throws(ObjectError) -> Data {
        let (name, size) = (try name(of: index, of: file), size(of: index, of: file))
        let bytes = try await storage.get(name, limit: pieceBytes + Packing.overhead + Seal.overhead)
        return try await blocking { [seal, storage] () throws(ObjectError) in
            let packed = try seal?.open(bytes, as: name, at: storage.place) ?? bytes
            guard let plain = Packing.unpack(packed, limit: size), plain.count == size else {
                throw .damaged(
                    place: storage.place, name: name.text, problem: "was changed or cut off: it does not unpack")
            }
            return plain
        }
    }

    // MARK: writing

    func put(
        _ file: Manifest.File, from blob: BlobFile, mending: Bool, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ObjectError) {
        let source = try await PieceFile(blob, of: file, pieceBytes: pieceBytes)
        let there = try await mending ? [] : Set(storage.list(unit(of: file)).map(\.name))
        do {
            try await withThrowingTaskGroup(of: Int.self) { group in
                var done: Int64 = 0
                for index in 0..<count(of: file) {
                    if there.contains(try name(of: index, of: file)) {
                        tell(index)
                        continue
                    }
                    if index >= Self.width, let sent = try await group.next() { tell(sent) }
                    group.addTask {
                        try await send(index, of: file, from: source, mending: mending)
                        return index
                    }
                }
                for try await sent in group { tell(sent) }

                func tell(_ index: Int) {
                    done += Int64(size(of: index, of: file))
                    progress(done)
                }
            }
        } catch let error as ObjectError { throw error } catch { throw .cancelled }
    }

    private func send(
        _ index: Int, of file: Manifest.File, from source: PieceFile, mending: Bool
    ) async throws(ObjectError) {
        let (name, size) = (try name(of: index, of: file), size(of: index, of: file))
        let plain = try await source.piece(index, size: size)
        if mending, let there = try? await piece(index, of: file), there == plain { return }
        let bytes = try await blocking { [self] () throws(ObjectError) in
            let packed = Packing.pack(plain, level: level.map(Int32.init), leastSaved: Self.leastSaved)
            return try seal?.seal(packed, as: name, at: storage.place) ?? packed
        }
        try await storage.put(name, bytes)
    }

    func remove(_ file: Manifest.File) async throws(ObjectError) {
        for object in try await storage.list(unit(of: file)) { try await storage.delete(object.name) }
    }
}
