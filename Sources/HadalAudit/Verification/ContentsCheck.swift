import Crypto
import Foundation
import HadalSecrets

/// Compares encrypted texts with the hashes that the chain has of them. Needs no person's key.
struct ContentsCheck {
    private static let mark = Needle(#""sha256":""#)

    let directory: AuditDirectory
    let keys: DataKeys?
    let isWanted: Bool
    let trail: String
    /// Contents files that a signed statement says were removed.
    var removed: Set<UInt64> = []
    private var segment: UInt64 = 0
    private var file: AuditFile?
    /// Texts of files that are not there, by segment, with the first record.
    private var missing: [UInt64: (count: UInt64, sequence: UInt64)] = [:]

    init(directory: AuditDirectory, keys: DataKeys?, isWanted: Bool, trail: String) {
        self.directory = directory
        self.keys = keys
        self.isWanted = isWanted
        self.trail = trail
    }

    mutating func begin(_ first: UInt64) {
        segment = first
        file = isWanted ? try? AuditFile(directory.contents(first), O_RDONLY) : nil
    }

    mutating func check(_ frame: Frame, _ report: inout AuditReport) {
        if frame.header.isSealed, keys == nil {
            report.unopened += 1
            return
        }
        // Most records have no texts; these need not be taken apart.
        guard frame.header.isSealed || Self.mark.isIn(frame.payload) else { return }
        let record: AuditRecord
        do throws(AuditError) {
            record = try RecordOpening.record(frame, keys: keys, trail: trail, path: directory.segment(segment))
        } catch {
            report.find(
                .changed, segment: segment, sequence: frame.header.sequence, offset: frame.offset, error.description)
            return
        }
        guard isWanted else { return }
        for reference in [record.input, record.output] { check(reference, frame, &report) }
    }

    private mutating func check(_ reference: ContentReference?, _ frame: Frame, _ report: inout AuditReport) {
        guard let reference, reference.form != .hash else { return }
        let sequence = frame.header.sequence
        guard let file else {
            missing[segment] = ((missing[segment]?.count ?? 0) + 1, missing[segment]?.sequence ?? sequence)
            return
        }
        guard let bytes = try? file.read(at: reference.offset, count: reference.length),
            SHA256.hash(data: bytes).hex == reference.digest
        else {
            report.find(
                .contents, segment: segment, sequence: sequence, offset: frame.offset,
                "its text in \(file.path) at byte \(reference.offset) is not what was written")
            return
        }
        report.contents += 1
    }

    func finish(_ report: inout AuditReport) {
        for (segment, texts) in missing.sorted(by: { $0.key < $1.key }) {
            if removed.contains(segment) {
                report.contentsRemoved += texts.count
            } else {
                report.find(
                    .contents, segment: segment, sequence: texts.sequence,
                    "\(texts.count) texts are missing with \(directory.contents(segment)), and no signed statement "
                        + "says that they were removed")
            }
        }
    }
}
