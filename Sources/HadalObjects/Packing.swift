import CZstd
import Foundation

/// What is kept of some bytes: a byte that tells how (0: as they are, 1: one zstd frame, RFC 8878), then the bytes. Pages
/// of databases, and of their logs above all, shrink to a fraction; weights in few bits do not.
package enum Packing {
    package static let standardLevel: Int32 = 3
    package static let levels = 1...19
    /// Bytes that packing may add.
    package static let overhead = 1

    /// - Parameters:
    ///   - level: of zstd; nil: the bytes as they are.
    ///   - leastSaved: of a hundred bytes, so that a frame is worth its reading.
    package static func pack(_ bytes: Data, level: Int32? = standardLevel, leastSaved: Int = 0) -> Data {
        guard let level else { return Data([0]) + bytes }
        var packed = Data(count: 1 + ZSTD_compressBound(bytes.count))
        let count = packed.withUnsafeMutableBytes { packed in
            bytes.withUnsafeBytes {
                ZSTD_compress(packed.baseAddress! + 1, packed.count - 1, $0.baseAddress, $0.count, level)
            }
        }
        guard ZSTD_isError(count) == 0, count < bytes.count, (bytes.count - count) * 100 >= bytes.count * leastSaved
        else { return Data([0]) + bytes }
        packed[0] = 1
        return packed.prefix(1 + count)
    }

    /// - Parameter limit: bytes that may come of it.
    /// - Returns: nil where it is nothing that `pack` makes, or would be longer.
    package static func unpack(_ packed: Data, limit: Int) -> Data? {
        guard let method = packed.first else { return nil }
        let rest = packed.dropFirst()
        switch method {
        case 0: return rest.count <= limit ? Data(rest) : nil
        case 1:
            let size = rest.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
            guard size <= UInt64(limit) else { return nil }
            var bytes = Data(count: Int(size))
            let count = bytes.withUnsafeMutableBytes { bytes in
                rest.withUnsafeBytes { ZSTD_decompress(bytes.baseAddress, bytes.count, $0.baseAddress, $0.count) }
            }
            return ZSTD_isError(count) == 0 && count == bytes.count ? bytes : nil
        default: return nil
        }
    }
}
