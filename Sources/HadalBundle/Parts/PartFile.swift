import Foundation
import HadalStore

/// A part of a bundle that is here.
struct PartFile {
    let path: String
    let number: Int
    private let name: String
    private let index: BundleIndex

    /// - Parameters:
    ///   - name: the bundle's.
    ///   - directories: where it is looked for; the first that has it counts.
    /// - Returns: nil where none has it.
    init?(_ number: Int, of index: BundleIndex, name: String, in directories: [String]) throws {
        let file = BundleIndex.partName(name, number)
        let paths = directories.map { $0 + "/" + file }
        guard let path = try paths.first(where: { try AtomicFile.size(of: $0) != nil }) else { return nil }
        self.path = path
        self.number = number
        self.name = name
        self.index = index
    }

    var size: Int64 { index.parts[number - 1].size }

    /// Whether it is of this bundle, the one that it is called, and as long as it should be.
    func checkHead() throws {
        let file = try InputFile(path)
        let head = try file.read(at: 0, count: min(PartHeader.byteCount, Int(file.size)))
        let own = PartHeader(id: index.id, number: number)
        if let (offset, problem) = own.difference(to: head, name: { BundleIndex.partName(name, $0) }) {
            throw failure(offset, problem)
        }
        guard file.size == size else {
            let advice = size > BundleExport.fat32BytesMax ? " (not by way of FAT32, which takes no file as large)" : ""
            throw failure(
                min(file.size, size), "it has \(file.size) bytes instead of \(size); copy it again\(advice)")
        }
    }

    /// Reads it all.
    /// - Parameter progress: is given how many bytes more were read.
    func check(progress: (Int64) throws -> Void = { _ in }) throws {
        try checkHead()
        let (found, _) = try FileHash.sha256(path) { try progress(Int64($0)) }
        let told = index.parts[number - 1].digest
        guard found == told else {
            throw failure(
                Int64(PartHeader.byteCount),
                "from here on it has other bytes than were exported (SHA-256 \(found.hex) instead of \(told.hex)); "
                    + "copy it again")
        }
    }

    /// Gives the blob's bytes that an extent has, in pieces and in order.
    /// - Parameter take: is also given where in the extent the piece begins.
    func read(_ extent: BundleIndex.Extent, take: (UnsafeRawBufferPointer, Int64) throws -> Void) throws {
        let file = try InputFile(path)
        let decoder = extent.isCompressed ? ZstdDecoder(byteCount: extent.size) : nil
        var (offset, given): (Int64, Int64) = (extent.offset, 0)
        let end = extent.offset + extent.stored
        while offset < end {
            let piece = try file.read(at: offset, count: Int(min(Int64(InputFile.pieceBytes), end - offset)))
            guard !piece.isEmpty else { throw failure(offset, "it ends here; copy it again") }
            try piece.withUnsafeBytes { piece in
                func give(_ bytes: UnsafeRawBufferPointer) throws {
                    try take(bytes, given)
                    given += Int64(bytes.count)
                }
                guard let decoder else { return try give(piece) }
                do { try decoder.decode(piece, take: give) } catch let error as ZstdError {
                    throw failure(offset + Int64(error.offset), "\(error.problem); have the bundle exported anew")
                }
            }
            offset += Int64(piece.count)
        }
        if let decoder, !decoder.isComplete {
            throw failure(
                end,
                "the compressed bytes end before the \(extent.size) bytes that the index says; "
                    + "have the bundle exported anew"
            )
        }
    }

    private func failure(_ offset: Int64, _ problem: String) -> BundleError {
        .badPart(file: path, offset: offset, problem: problem)
    }
}
