import Crypto
import Foundation

extension ChainWalk {
    mutating func frames(
        _ reader: inout SegmentReader, key: Curve25519.Signing.PublicKey, isLast: Bool
    ) throws(AuditError) {
        let first = reader.head.first
        var isEnded = false
        while true {
            let offset = reader.offset
            switch try reader.next() {
            case .end:
                if !isLast, !isEnded {
                    report.find(.cut, segment: first, sequence: sequence, offset: offset, "its signed end is missing")
                }
                return
            case .torn(let count):
                // A writer may be in the middle of a record; what was signed is found by the published head.
                if !(isLast && report.isBeingWritten) {
                    report.find(
                        .torn, segment: first, sequence: sequence + 1, offset: offset,
                        "the last \(count) bytes are no whole record: a crash, or the file was cut")
                }
                return
            case .damaged:
                report.find(
                    .changed, segment: first, sequence: sequence + 1, offset: offset,
                    "no record begins here; what follows in this segment cannot be read")
                chain = nil
                return
            case .frame(let frame):
                if isEnded {
                    report.find(
                        .order, segment: first, sequence: frame.header.sequence, offset: offset,
                        "something follows on the segment's signed end")
                    isEnded = false
                }
                isEnded = take(frame, in: reader.head, key)
            }
        }
    }

    /// - Returns: whether the frame ends its segment.
    private mutating func take(
        _ frame: Frame, in head: SegmentHead, _ key: Curve25519.Signing.PublicKey
    ) -> Bool {
        let (first, number) = (head.first, frame.header.sequence)
        if let chain, !frame.follows(chain) {
            report.find(
                .changed, segment: first, sequence: number, offset: frame.offset,
                "it is not what was written, or does not follow on what stands before it")
        }
        let wanted = frame.header.kind == .record ? sequence + 1 : sequence
        if number != wanted {
            report.find(
                .order, segment: first, sequence: number, offset: frame.offset, "\(wanted) should stand here")
        }
        var isEnd = false
        if frame.header.kind == .record {
            report.records += 1
            report.unsigned += 1
            contents.check(frame, &report)
        } else {
            isEnd = statement(frame, in: head, key)
        }
        sequence = number
        chain = Array(frame.hash)
        note(chain)
        return isEnd
    }

    private mutating func statement(
        _ frame: Frame, in head: SegmentHead, _ key: Curve25519.Signing.PublicKey
    ) -> Bool {
        guard let signed = SignedStatement(payload: frame.payload), signed.isSigned(by: key),
            let statement = ChainStatement(parsing: signed.text)
        else {
            report.find(
                .key, segment: head.first, sequence: frame.header.sequence, offset: frame.offset,
                "the signature is wrong: changed, or signed with another key")
            return false
        }
        if statement.trail != report.trail || statement.key != head.key || statement.segment != head.first
            || statement.sequence != frame.header.sequence || (chain.map { $0.hex != statement.head } ?? false)
        {
            report.find(
                .changed, segment: head.first, sequence: frame.header.sequence, offset: frame.offset,
                "something else was signed than what stands before it")
        }
        report.checkpoints += 1
        report.unsigned = 0
        if frame.payload.elementsEqual(self.head?.signed.payload ?? []) { isHeadReached = true }
        switch statement.content {
        case .checkpoint(let reason): return reason == .end
        case .tombstone(let segments, let files):
            removed += segments
            contents.removed.formUnion(files)
            return false
        }
    }
}
