import Crypto
import Foundation
import HadalSecrets

/// Reads the texts that records refer to.
public final class AuditContents: Sendable {
    private let directory: AuditDirectory
    private let people: PersonKeys
    private let trail: String

    /// Reads the people's keys as they are now: a person that is erased later stays readable for this object.
    public init(data: String, keys: DataKeys? = nil) throws(AuditError) {
        directory = AuditDirectory(data: data)
        people = try PersonKeys(directory, keys: keys)
        trail = try KeyHistory.read(directory.keys).entries.first?.trail ?? ""
    }

    /// - Throws: `contentGone` where no text was kept, or it is not there any more.
    public func input(of record: AuditRecord) throws(AuditError) -> String { try text(record, .input, record.input) }

    public func output(of record: AuditRecord) throws(AuditError) -> String { try text(record, .output, record.output) }

    /// Whether the answer that was recorded is this text, bit for bit; nil where that cannot be told, as nothing was
    /// kept, or it was masked or erased.
    public func isOutput(_ text: String, of record: AuditRecord) -> Bool? {
        compare(text, record, .output, record.output)
    }

    public func isInput(_ text: String, of record: AuditRecord) -> Bool? { compare(text, record, .input, record.input) }

    private func compare(
        _ text: String, _ record: AuditRecord, _ part: ContentCipher.Part, _ reference: ContentReference?
    ) -> Bool? {
        guard let reference else { return nil }
        switch reference.form {
        case .masked: return nil
        case .full: return (try? self.text(record, part, reference)).map { $0.utf8.elementsEqual(text.utf8) }
        case .hash:
            return people.key(reference.key).map {
                ContentCipher.digest(text, key: $0, record: record.id, part: part) == reference.digest
            }
        }
    }

    private func text(
        _ record: AuditRecord, _ part: ContentCipher.Part, _ reference: ContentReference?
    ) throws(AuditError) -> String {
        func gone(_ why: String) -> AuditError {
            .contentGone(problem: "the \(part.rawValue) of record \(record.sequence) \(why)")
        }
        guard let reference else { throw gone("was not kept") }
        guard reference.form != .hash else { throw gone("was kept as a hash only") }
        guard let key = people.key(reference.key) else { throw gone("was erased with its person's key") }
        guard let first = try directory.segments().last(where: { $0 <= record.sequence }) else {
            throw gone("has passed its time")
        }
        let path = directory.contents(first)
        guard access(path, F_OK) == 0 else { throw gone("has passed its time") }
        let bytes = try AuditFile(path, O_RDONLY).read(at: reference.offset, count: reference.length)
        guard SHA256.hash(data: bytes).hex == reference.digest,
            let text = ContentCipher.open(bytes, key: key, trail: trail, record: record.id, part: part)
        else { throw .damaged(path: path, offset: reference.offset, problem: "not the text that was recorded") }
        return text
    }
}
