import CZstd

/// Reads zstd frames that have to give a known number of bytes, and not one more, in memory that does not grow.
final class ZstdDecoder {
    /// As a power of two of bytes; frames that look back further are refused.
    private static let windowMax: Int32 = 23
    private static let outputBytes = 1 << 20

    private let byteCount: Int64
    private let context: OpaquePointer
    private var buffer = [UInt8](repeating: 0, count: outputBytes)
    private var given: Int64 = 0
    private var isInFrame = false

    init(byteCount: Int64) {
        self.byteCount = byteCount
        context = ZSTD_createDCtx()!
        _ = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowMax)
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Whether all bytes were given, and the last frame ended with them.
    var isComplete: Bool { given == byteCount && !isInFrame }

    /// - Parameter take: is given what comes of the bytes.
    /// - Throws: `ZstdError`, and what `take` throws.
    func decode(_ bytes: UnsafeRawBufferPointer, take: (UnsafeRawBufferPointer) throws -> Void) throws {
        var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        try buffer.withUnsafeMutableBytes { buffer in
            // A buffer that was filled may not have been all that there is.
            var isFull = false
            while input.pos < input.size || isFull {
                var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
                let hint = ZSTD_decompressStream(context, &output, &input)
                if ZSTD_isError(hint) != 0 {
                    let name = String(cString: ZSTD_getErrorName(hint))
                    throw ZstdError(offset: input.pos, problem: "the compressed bytes are damaged (\(name))")
                }
                given += Int64(output.pos)
                guard given <= byteCount else {
                    throw ZstdError(offset: input.pos, problem: "more than the \(byteCount) bytes that the index says")
                }
                isInFrame = hint != 0
                isFull = output.pos == output.size && isInFrame
                if output.pos > 0 { try take(UnsafeRawBufferPointer(rebasing: buffer[..<output.pos])) }
            }
        }
    }
}
