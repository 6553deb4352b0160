import Crypto
import Foundation
import HadalJSON
import HadalSecrets

extension TrailWriter {
    /// Puts the record behind `next`, and its texts behind `texts`; neither changes where it throws.
    func encode(
        _ entry: Entry, _ next: inout TrailPosition, _ frames: inout [UInt8], _ texts: inout [UInt8]
    ) throws(AuditError) {
        var record = entry.record
        record.sequence = next.sequence + 1
        var added: [UInt8] = []
        var offset = next.contentsOffset
        record.input = try store(entry.input, .input, record, &added, &offset)
        record.output = try store(entry.output, .output, record, &added, &offset)
        var payload = record.canonicalBytes
        guard payload.count + SealedValue.overhead <= FrameHeader.payloadLimit else {
            throw .tooLarge(
                problem: "a record of \(payload.count) bytes is longer than the audit takes "
                    + "(\(FrameHeader.payloadLimit - SealedValue.overhead)); parameters, verdicts or details are "
                    + "too long"
            )
        }
        if let keys {
            do throws(SecretsError) {
                payload = try SealedValue.seal(
                    payload, keys: keys, purpose: .audit,
                    context: Self.context(trail: segment.trail, sequence: record.sequence))
            } catch {
                throw .secrets(error)
            }
        }
        texts += added
        next.contentsOffset = offset
        next.add(
            FrameHeader(
                length: payload.count, kind: .record, isSealed: keys != nil, recordKind: record.kind,
                sequence: record.sequence, time: record.time),
            payload, to: &frames)
    }

    /// What a sealed record is bound to.
    static func context(trail: String, sequence: UInt64) -> String { "audit/\(trail)/\(sequence)" }

    private func store(
        _ text: AuditText, _ part: ContentCipher.Part, _ record: AuditRecord, _ texts: inout [UInt8],
        _ offset: inout UInt64
    ) throws(AuditError) -> ContentReference? {
        let (form, plain): (ContentReference.Form, String)
        switch text {
        case .none: return nil
        case .full(let text): (form, plain) = (.full, text)
        case .masked(let text): (form, plain) = (.masked, text)
        case .hash(let text): (form, plain) = (.hash, text)
        }
        let key = try people.make(for: AuditPerson(record), time: settings.now())
        guard form != .hash else {
            let digest = ContentCipher.digest(plain, key: key, record: record.id, part: part)
            return ContentReference(form: .hash, key: key.id, digest: digest)
        }
        let bytes = try ContentCipher.seal(plain, key: key, trail: segment.trail, record: record.id, part: part)
        let reference = ContentReference(
            form: form, key: key.id, digest: SHA256.hash(data: bytes).hex, offset: offset, length: bytes.count)
        texts += bytes
        offset += UInt64(bytes.count)
        return reference
    }

    mutating func openContents() throws(AuditError) {
        let (file, size) = try ContentsFile.open(directory.contents(segment.first))
        contents = file
        position.contentsOffset = size
    }

    static func loss(_ lost: (count: UInt64, since: Int64), time: Int64) -> Entry {
        var record = AuditRecord(.system, outcome: "lost", time: time)
        record.action = "trail.lost"
        record.details = ["records": .int(Int64(clamping: lost.count)), "since": .int(lost.since)]
        return own(record)
    }

    /// Of the trail itself.
    static func own(_ record: AuditRecord) -> Entry {
        Entry(record: record, input: .none, output: .none, isDurable: true)
    }
}
