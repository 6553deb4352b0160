import CZstd

/// Makes zstd frames (RFC 8878), each with a checksum, that can be read without one another.
final class ZstdEncoder {
    /// As much as a frame has of a file, in bytes: what has to be in memory at once.
    static let frameBytesMax = 4 << 20
    private static let level: Int32 = 3

    private let context: OpaquePointer
    private var buffer: [UInt8]

    init(frameBytes: Int) {
        context = ZSTD_createCCtx()!
        _ = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Self.level)
        _ = ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        buffer = Array(repeating: 0, count: ZSTD_compressBound(frameBytes))
    }

    deinit { ZSTD_freeCCtx(context) }

    /// - Parameter bytes: at most the frame's size.
    func frame<Value>(_ bytes: [UInt8], _ take: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
        try buffer.withUnsafeMutableBytes { buffer in
            let count = bytes.withUnsafeBytes {
                ZSTD_compress2(context, buffer.baseAddress, buffer.count, $0.baseAddress, $0.count)
            }
            precondition(ZSTD_isError(count) == 0, "a buffer of the bound's size takes every frame")
            return try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
