import Crypto
import Foundation
import HadalStore

/// Puts files into the parts of a bundle, compressed where that makes them smaller.
final class BlobWriter {
    /// Looked at in so many places of a file to tell whether it shrinks.
    private static let samples: Int64 = 8
    private static let sampleBytes = 256 << 10
    /// Saving less than that, in percent, is not worth it: weights in few bits are as good as random.
    private static let savedPercentMin = 3
    /// Smaller frames say more about themselves than they hold.
    private static let frameBytesMin = 1024

    private let parts: PartWriter
    private let encoder: ZstdEncoder?
    private let frameBytes: Int

    init(parts: PartWriter, partBytesMax: Int64, compresses: Bool) {
        self.parts = parts
        // Some frames go into each part, so that little of it stays empty.
        frameBytes = Int(min(Int64(ZstdEncoder.frameBytesMax), (partBytesMax - Int64(PartHeader.byteCount)) / 4))
        encoder =
            compresses && frameBytes >= Self.frameBytesMin
            ? ZstdEncoder(frameBytes: max(frameBytes, Self.sampleBytes)) : nil
    }

    /// - Parameter progress: is given how many bytes more were read.
    /// - Returns: where the file's bytes lie, and their SHA-256.
    func write(
        _ file: BlobFile, progress: (Int64) throws -> Void
    ) throws -> (extents: [BundleIndex.Extent], digest: BlobDigest) {
        let encoder = try shrinks(file) ? encoder : nil
        var extents: [BundleIndex.Extent] = []
        var hash = SHA256()
        var offset: Int64 = 0
        while true {
            let bytes = try file.read(at: offset, count: encoder == nil ? InputFile.pieceBytes : frameBytes)
            if bytes.isEmpty { return (extents, BlobDigest(hash.finalize())) }
            hash.update(data: bytes)
            if let encoder {
                try encoder.frame(bytes) { frame in
                    if Int64(frame.count) > parts.room { try parts.finish() }
                    add(try parts.write(frame), stored: frame.count, size: bytes.count, isCompressed: true, &extents)
                }
            } else {
                try bytes.withUnsafeBytes { bytes in
                    var rest = bytes[...]
                    while !rest.isEmpty {
                        let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Int(clamping: parts.room)))
                        add(
                            try parts.write(piece), stored: piece.count, size: piece.count, isCompressed: false,
                            &extents)
                        rest = rest.dropFirst(piece.count)
                    }
                }
            }
            offset += Int64(bytes.count)
            try progress(Int64(bytes.count))
        }
    }

    /// What goes on in the same part is the same extent.
    private func add(
        _ place: (part: Int, offset: Int64), stored: Int, size: Int, isCompressed: Bool,
        _ extents: inout [BundleIndex.Extent]
    ) {
        if let last = extents.indices.last, extents[last].part == place.part {
            extents[last].stored += Int64(stored)
            extents[last].size += Int64(size)
        } else {
            extents.append(
                BundleIndex.Extent(
                    part: place.part, offset: place.offset, stored: Int64(stored), size: Int64(size),
                    isCompressed: isCompressed))
        }
    }

    private func shrinks(_ file: BlobFile) throws -> Bool {
        guard let encoder else { return false }
        var (size, stored) = (0, 0)
        let step = max(Int64(Self.sampleBytes), file.size / Self.samples)
        for offset in stride(from: 0, to: file.size, by: Int64.Stride(step)) {
            let bytes = try file.read(at: offset, count: Self.sampleBytes)
            size += bytes.count
            encoder.frame(bytes) { stored += $0.count }
        }
        return (size - stored) * 100 >= size * Self.savedPercentMin && size > 0
    }
}
