import Crypto
import Foundation
import HadalStore

/// Writes a bundle's parts one after the other, each of at most the split size.
final class PartWriter {
    private struct Open {
        let path: String
        let descriptor: Int32
        var hash = SHA256()
        var size: Int64 = 0
    }

    private let directory: String
    private let name: String
    private let id: String
    private let partBytesMax: Int64
    private var open: Open?
    private(set) var parts: [BundleIndex.Part] = []

    init(directory: String, name: String, id: String, partBytesMax: Int64) {
        self.directory = directory
        self.name = name
        self.id = id
        self.partBytesMax = partBytesMax
    }

    deinit { if let open { close(open.descriptor) } }

    /// bytes that the part that is being written still takes
    var room: Int64 { partBytesMax - (open?.size ?? Int64(PartHeader.byteCount)) }

    /// - Returns: the part's number and where in it the bytes lie.
    /// - Precondition: there is room for them.
    func write(_ bytes: UnsafeRawBufferPointer) throws -> (part: Int, offset: Int64) {
        precondition(bytes.count <= room)
        if open == nil { try begin() }
        let offset = open!.size
        try append(bytes)
        let place = (parts.count + 1, offset)
        if room == 0 { try finish() }
        return place
    }

    /// Ends the part that is being written, if there is one; it is on the disk then.
    func finish() throws {
        guard let part = open else { return }
        guard fsync(part.descriptor) == 0 else { throw failure(part.path) }
        open = nil
        parts.append(BundleIndex.Part(size: part.size, digest: BlobDigest(part.hash.finalize())))
        guard close(part.descriptor) == 0 else { throw failure(part.path) }
    }

    /// Removes what was written, now or by an export of this bundle that was cut off.
    func discard(from first: Int = 1) {
        var number = first
        while (try? isOwn(number)) == true {
            unlink(path(number))
            number += 1
        }
    }

    private func path(_ number: Int) -> String { directory + "/" + BundleIndex.partName(name, number) }

    /// Whether a file is this part, or its beginning; nil: there is none.
    private func isOwn(_ number: Int) throws -> Bool? {
        guard try AtomicFile.size(of: path(number)) != nil else { return nil }
        let head = try InputFile(path(number)).read(at: 0, count: PartHeader.byteCount)
        return PartHeader(id: id, number: number).bytes.starts(with: head)
    }

    private func begin() throws {
        let path = path(parts.count + 1)
        // What an export left that was cut off is written over, and nothing else.
        if try isOwn(parts.count + 1) == false { throw BundleError.exists(path: path) }
        let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path) }
        open = Open(path: path, descriptor: descriptor)
        try PartHeader(id: id, number: parts.count + 1).bytes.withUnsafeBytes { try append($0) }
    }

    private func append(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Foundation.write(open!.descriptor, rest.base.baseAddress! + rest.startIndex, rest.count)
            if count >= 0 { rest = rest.dropFirst(count) } else if errno != EINTR { throw failure(open!.path) }
        }
        open!.hash.update(bufferPointer: bytes)
        open!.size += Int64(bytes.count)
    }

    private func failure(_ path: String) -> BundleError { .cannotWrite(path: path, code: errno) }
}
