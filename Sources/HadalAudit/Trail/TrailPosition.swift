import Foundation

/// Where the writer stands. A copy is moved on, and kept only when the bytes are written.
struct TrailPosition: Sendable {
    var sequence: UInt64
    var offset: UInt64
    /// The hash of the last frame, or of the head.
    var chain: [UInt8]
    /// Records behind the last checkpoint.
    var unsigned: Int
    var contentsOffset: UInt64 = 0

    /// Puts a frame behind the last one.
    mutating func add(_ header: FrameHeader, _ payload: [UInt8], to buffer: inout [UInt8]) {
        let frame = Frame.make(header, payload: payload, offset: offset, previous: chain)
        buffer += frame.bytes
        offset += UInt64(frame.bytes.count)
        chain = Array(frame.hash)
        sequence = header.sequence
        if header.kind == .record { unsigned += 1 } else { unsigned = 0 }
    }

    /// Signs all before it.
    mutating func sign(
        _ content: ChainStatement.Content, _ key: SigningKey, segment: UInt64, time: Int64, path: String,
        to buffer: inout [UInt8]
    ) throws(AuditError) -> SignedStatement {
        let statement = ChainStatement(
            trail: key.trail, key: key.id, segment: segment, sequence: sequence, head: chain.hex, time: time,
            content: content)
        let signed = try SignedStatement(statement.bytes, by: key.key, path: path)
        let kind: FrameHeader.Kind = if case .checkpoint = content { .checkpoint } else { .tombstone }
        add(
            FrameHeader(length: signed.payload.count, kind: kind, sequence: sequence, time: time), signed.payload,
            to: &buffer)
        return signed
    }
}
