import Crypto
import Foundation

/// Finds the end of a trail when it is opened to write: cuts off what a crash left of a record, refuses anything else
/// that is not as it was written.
struct Recovery {
    var head: SegmentHead
    var position: TrailPosition
    /// Nothing may follow in the segment.
    var isEnded = false
    var found = AuditRecovery()

    /// - Parameter first: the last segment.
    init(
        _ first: UInt64, in directory: AuditDirectory, history: KeyHistory
    ) throws(AuditError) {
        let path = directory.segment(first)
        var reader = try SegmentReader(path)
        guard reader.head.first == first else {
            throw .damaged(
                path: path, offset: 0, problem: "it was written as the segment of record \(reader.head.first)")
        }
        guard let signer = history[reader.head.key]?.publicKey, history.entries.first?.trail == reader.head.trail else {
            throw .badKey(path: path, problem: "its key or trail is not in \(directory.keys)")
        }
        head = reader.head
        position = TrailPosition(sequence: first - 1, offset: reader.offset, chain: reader.headHash, unsigned: 0)
        let known = try PublishedHead.read(directory, history: history)
        var isReached = known.map { $0.statement.segment < first } ?? true
        var torn: UInt64?
        walk: while true {
            let start = reader.offset
            switch try reader.next() {
            case .end: break walk
            case .torn(let count):
                torn = count
                break walk
            case .damaged: throw .damaged(path: path, offset: start, problem: "no record begins here")
            case .frame(let frame):
                guard frame.follows(position.chain) else {
                    guard try reader.hasHole(from: start) else {
                        throw .damaged(
                            path: path, offset: start, problem: "record \(frame.header.sequence) was changed")
                    }
                    torn = reader.size - start
                    break walk
                }
                try take(frame, signer, path: path)
                if frame.payload.elementsEqual(known?.signed.payload ?? []) { isReached = true }
            }
        }
        guard isReached else {
            throw .cut(path: path, sequence: known?.statement.sequence ?? 0, found: position.sequence)
        }
        // It is there before the first record is.
        guard known != nil || (first == 1 && position.sequence == 0) else {
            throw .badKey(
                path: directory.head,
                problem: "the last signed place is missing; restore it, or move the directory away to begin a new trail"
            )
        }
        found.unsigned = position.unsigned
        if let torn { try cut(torn, in: directory, first: first) }
    }

    private mutating func take(
        _ frame: Frame, _ signer: Curve25519.Signing.PublicKey, path: String
    ) throws(AuditError) {
        func damaged(_ problem: String) -> AuditError { .damaged(path: path, offset: frame.offset, problem: problem) }
        guard !isEnded else { throw damaged("something follows on the segment's end") }
        if frame.header.kind == .record {
            guard frame.header.sequence == position.sequence + 1 else { throw damaged("the numbers have a gap") }
            position.unsigned += 1
        } else {
            guard let signed = SignedStatement(payload: frame.payload), signed.isSigned(by: signer),
                let statement = ChainStatement(parsing: signed.text), statement.head == position.chain.hex
            else { throw damaged("the signature is wrong") }
            isEnded = statement.content == .checkpoint(.end)
            guard frame.header.sequence == position.sequence else { throw damaged("the numbers have a gap") }
            position.unsigned = 0
        }
        position.sequence = frame.header.sequence
        position.chain = Array(frame.hash)
        position.offset = frame.offset + frame.header.frameSize
    }

    /// What is cut off is kept beside, so that nothing vanishes because somebody changed a length.
    private mutating func cut(_ count: UInt64, in directory: AuditDirectory, first: UInt64) throws(AuditError) {
        let file = try AuditFile(directory.segment(first), O_RDWR)
        let kept = directory.torn(first, offset: position.offset)
        let limit = UInt64(SmallFile.sizeLimit)
        try SmallFile.write(try file.read(at: position.offset, count: Int(min(count, limit))), to: kept)
        try file.truncate(to: position.offset)
        try file.synchronize()
        found.cut = count
        found.file = kept
    }
}

/// `DATA/audit/head`: the last checkpoint once more, as a line: statement, tab, signature.
struct PublishedHead {
    var signed: SignedStatement
    var statement: ChainStatement

    static func write(_ signed: SignedStatement, _ directory: AuditDirectory) throws(AuditError) {
        try SmallFile.write(Array((signed.line + "\n").utf8), to: directory.head, isDurable: false)
    }

    /// Nil where there is none.
    static func read(_ directory: AuditDirectory, history: KeyHistory) throws(AuditError) -> PublishedHead? {
        guard let bytes = try SmallFile.read(directory.head) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self), text.hasSuffix("\n"),
            let signed = SignedStatement(line: text.dropLast()), let statement = ChainStatement(parsing: signed.text),
            let key = history[statement.key], signed.isSigned(by: key.publicKey), statement.trail == key.trail
        else { throw .badKey(path: directory.head, problem: "it was changed, or another key signed it") }
        return PublishedHead(signed: signed, statement: statement)
    }
}
