import Dispatch
import Foundation
import Synchronization

/// Reads an encrypted file at any place. Nothing leaves it that was not checked: each chunk is opened as a whole.
/// Several threads may read at once.
public final class EncryptedFileReader: Sendable {
    public let path: String
    /// Of the plain text, in bytes.
    public let count: UInt64
    public let context: String
    /// Plain bytes that are read and checked together.
    public let chunkSize: Int

    private let file: OpenFile
    private let cipher: ChunkCipher
    private let headerSize: Int
    private let lastIndex: UInt32

    /// What one processor reads at a time: a multiple of any smaller chunk size.
    private static let pieceSize = 4 << 20

    /// Checks the header and the last chunk, and so that the file is there to its end.
    ///
    /// - Parameter context: what the file must have been written as.
    public init(_ path: String, keys: DataKeys, context: String? = nil) throws(SecretsError) {
        let file = try OpenFile(path, O_RDONLY)
        let (header, key, headerBytes) = try FileHeader.read(file, layout: .file, keys: keys)
        try header.check(context: context, path: path)
        let layout = try ChunkLayout(
            fileSize: try file.size(), headerSize: headerBytes.count, chunkSize: header.chunkSize, path: path)
        self.path = path
        self.context = header.context
        self.file = file
        chunkSize = header.chunkSize
        headerSize = headerBytes.count
        cipher = ChunkCipher(header, key: key, headerBytes: headerBytes)
        (count, lastIndex) = (layout.count, layout.lastIndex)
        var sealed = Data()
        _ = try chunk(lastIndex, sealed: &sealed)
    }

    /// Fills `buffer` from byte `offset` of the plain text on, as far as that goes.
    /// - Returns: how many bytes were there.
    public func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(SecretsError) -> Int {
        var done = 0
        var sealed = Data()
        while done < buffer.count, offset + UInt64(done) < count {
            let position = offset + UInt64(done)
            let plain = try chunk(UInt32(position / UInt64(chunkSize)), sealed: &sealed)
            let start = Int(position % UInt64(chunkSize))
            let piece = plain[(plain.startIndex + start)...].prefix(buffer.count - done)
            UnsafeMutableRawBufferPointer(rebasing: buffer[done...]).copyBytes(from: piece)
            done += piece.count
        }
        return done
    }

    /// Up to `count` bytes from byte `offset` of the plain text on; fewer where it ends.
    public func read(at offset: UInt64, count: Int) throws(SecretsError) -> [UInt8] {
        guard offset < self.count, count > 0 else { return [] }
        let available = Int(min(UInt64(count), self.count - offset))
        var problem: SecretsError?
        let bytes = [UInt8](unsafeUninitializedCapacity: available) { buffer, initialized in
            do throws(SecretsError) {
                initialized = try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                problem = error
            }
        }
        if let problem { throw problem }
        return bytes
    }

    /// The whole text from the beginning, chunk after chunk.
    public func forEachChunk(
        _ body: (UnsafeRawBufferPointer) throws(SecretsError) -> Void
    ) throws(SecretsError) {
        var sealed = Data()
        for index in 0...lastIndex {
            try chunk(index, sealed: &sealed).bytes.withUnsafeBytes { plain throws(SecretsError) in try body(plain) }
        }
    }

    /// The whole text at once, with all processors.
    /// - Parameter buffer: `count` bytes.
    /// - Throws: where several chunks are damaged, the first of those that were found.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(SecretsError) {
        precondition(UInt64(buffer.count) == count)
        let pieceSize = max(chunkSize, Self.pieceSize)
        nonisolated(unsafe) let buffer = buffer
        let failure = Mutex<(piece: Int, error: SecretsError)?>(nil)
        DispatchQueue.concurrentPerform(iterations: (buffer.count + pieceSize - 1) / pieceSize) { piece in
            guard failure.withLock({ $0 == nil }) else { return }
            let range = piece * pieceSize..<min((piece + 1) * pieceSize, buffer.count)
            do throws(SecretsError) {
                _ = try read(
                    at: UInt64(range.lowerBound), into: UnsafeMutableRawBufferPointer(rebasing: buffer[range]))
            } catch {
                failure.withLock { first in
                    if first.map({ $0.piece > piece }) ?? true { first = (piece, error) }
                }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure.error }
    }

    /// - Parameter sealed: memory that is used again from chunk to chunk; fresh pages cost more than decrypting into
    ///   them.
    private func chunk(_ index: UInt32, sealed: inout Data) throws(SecretsError) -> Data {
        let isLast = index == lastIndex
        let start = UInt64(index) * UInt64(chunkSize)
        let plainSize = isLast ? Int(count - start) : chunkSize
        let offset = UInt64(headerSize) + UInt64(index) * UInt64(chunkSize + ChunkCipher.tagSize)
        // Room for the nonce before it, as the cipher wants it.
        let size = ChunkCipher.nonceSize + plainSize + ChunkCipher.tagSize
        if sealed.count != size { sealed = Data(count: size) }
        var mutableBytes = sealed.mutableBytes
        let read = try mutableBytes.withUnsafeMutableBytes { buffer throws(SecretsError) in
            try file.read(at: offset, into: UnsafeMutableRawBufferPointer(rebasing: buffer[ChunkCipher.nonceSize...]))
        }
        guard read == plainSize + ChunkCipher.tagSize else {
            throw .incomplete(path: path, size: offset + UInt64(read))
        }
        if let plain = cipher.open(&sealed, index: index, isLast: isLast) { return plain }
        // The end of the file, but not the end of the text: whatever came after is gone.
        if isLast, plainSize == chunkSize, cipher.open(&sealed, index: index, isLast: false) != nil {
            throw .incomplete(path: path, size: offset + UInt64(read))
        }
        throw .damaged(
            path: path, part: isLast ? "the last chunk, or it was cut off" : "chunk \(index)", offset: offset)
    }
}
