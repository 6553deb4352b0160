import Foundation
import HadalJSON
import HadalSecrets

/// From a frame to its record.
enum RecordOpening {
    /// The canonical bytes.
    static func bytes(
        _ frame: Frame, keys: DataKeys?, trail: String, path: String
    ) throws(AuditError) -> ArraySlice<UInt8> {
        guard frame.header.isSealed else { return frame.payload }
        guard let keys else { throw .encrypted(path: path) }
        do throws(SecretsError) {
            let context = TrailWriter.context(trail: trail, sequence: frame.header.sequence)
            return try SealedValue.open(Array(frame.payload), keys: keys, context: context)[...]
        } catch {
            throw .secrets(error)
        }
    }

    static func record(
        _ frame: Frame, keys: DataKeys?, trail: String, path: String
    ) throws(AuditError) -> AuditRecord {
        try record(try bytes(frame, keys: keys, trail: trail, path: path), frame, path: path)
    }

    static func record(_ bytes: ArraySlice<UInt8>, _ frame: Frame, path: String) throws(AuditError) -> AuditRecord {
        do throws(JSONError) {
            let record = try AuditRecord(canonicalBytes: bytes)
            guard record.sequence == frame.header.sequence else {
                throw JSONError(offset: 0, problem: "it calls itself record \(record.sequence)")
            }
            return record
        } catch {
            throw .damaged(path: path, offset: frame.offset, problem: "no record: \(error)")
        }
    }
}
