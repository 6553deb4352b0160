import Foundation
import HadalSecrets
import Logging

/// Writes the segments. One thread at a time has it (`AuditTrail`).
struct TrailWriter {
    /// A record that waits to be written.
    struct Entry: Sendable {
        var record: AuditRecord
        var input: AuditText
        var output: AuditText
        var isDurable: Bool

        /// Texts that are stored, not only hashed.
        var hasTexts: Bool { input.isStored || output.isStored }
    }

    /// So many records are written at once at most.
    static let batchLimit = 1024

    let directory: AuditDirectory
    let keys: DataKeys?
    let settings: AuditSettings
    let people: PersonKeys
    /// As long as this is there, nobody else writes.
    var lock: AuditFile?
    var signer: SigningKey
    var history: KeyHistory
    var segment: SegmentHead
    var file: AuditFile
    var contents: AuditFile?
    var position: TrailPosition
    /// Set where it is not known what is on the disk.
    var broken: AuditError?
    /// Records that the policy let go by unrecorded, since the last one that was.
    var lost: (count: UInt64, since: Int64)?
    let recovered: AuditRecovery?
    /// That the trail was opened, where the disk was too full to say so; it comes before all else.
    var opening: (record: AuditRecord, failure: AuditError)?

    /// Records all or, where the disk refuses, none of them. A record that cannot be encoded fails alone.
    mutating func commit(_ entries: [Entry]) -> [Result<UInt64, AuditError>] {
        do throws(AuditError) {
            if let broken { throw .broken(cause: broken.description) }
            try checkSpace()
            try rollIfDue()
            if contents == nil, entries.contains(where: { $0.hasTexts }) { try openContents() }
            var next = position
            var frames: [UInt8] = []
            var texts: [UInt8] = []
            if let opening { try encode(Self.own(opening.record), &next, &frames, &texts) }
            if let lost { try encode(Self.loss(lost, time: settings.now()), &next, &frames, &texts) }
            var results: [Result<UInt64, AuditError>] = []
            for entry in entries {
                do throws(AuditError) {
                    try encode(entry, &next, &frames, &texts)
                    results.append(.success(next.sequence))
                } catch {
                    results.append(.failure(error))
                }
            }
            var signed: SignedStatement?
            if next.unsigned >= settings.checkpointRecords {
                signed = try sign(.checkpoint(.interval), &next, &frames)
            }
            let isDurable = signed != nil || opening != nil || entries.contains { $0.isDurable }
            try write(frames, texts, next, isDurable: isDurable)
            lost = nil
            opening = nil
            if let signed { publish(signed) }
            return results
        } catch {
            return entries.map { _ in .failure(error) }
        }
    }

    /// Signs what is not signed yet.
    mutating func checkpoint(_ reason: ChainStatement.Reason) throws(AuditError) {
        // What a crash left unsigned is not signed before the trail says that it was.
        guard position.unsigned > 0 && opening == nil || reason != .interval else { return }
        try sign(.checkpoint(reason))
    }

    /// Writes a statement of its own.
    mutating func sign(_ content: ChainStatement.Content) throws(AuditError) {
        if let broken { throw .broken(cause: broken.description) }
        var next = position
        var frames: [UInt8] = []
        let signed = try sign(content, &next, &frames)
        try write(frames, [], next, isDurable: true)
        publish(signed)
    }

    private func sign(
        _ content: ChainStatement.Content, _ next: inout TrailPosition, _ frames: inout [UInt8]
    ) throws(AuditError) -> SignedStatement {
        try next.sign(
            content, signer, segment: segment.first, time: settings.now(), path: directory.signingKey, to: &frames)
    }

    /// The signed statement is also kept beside the segments: a trail that is shorter than it says was cut. The
    /// segment is on the disk before, so that it is never the longer one after a power cut.
    func publish(_ signed: SignedStatement) {
        do throws(AuditError) {
            try PublishedHead.write(signed, directory)
        } catch {
            // The records are safe; the next checkpoint tries again.
            settings.log.error("\(error)")
        }
    }

    private func checkSpace() throws(AuditError) {
        guard let available = DiskSpace.available(at: directory.path) else { return }
        guard available >= settings.reserve else {
            throw .noSpace(path: directory.path, available: available, needed: settings.reserve)
        }
    }

    /// Texts first: a record that is there has its texts.
    private mutating func write(
        _ frames: [UInt8], _ texts: [UInt8], _ next: TrailPosition, isDurable: Bool
    ) throws(AuditError) {
        do throws(AuditError) {
            if !texts.isEmpty { try contents?.write(texts, at: position.contentsOffset) }
            try file.write(frames, at: position.offset)
        } catch {
            do throws(AuditError) {
                try file.truncate(to: position.offset)
                try contents?.truncate(to: position.contentsOffset)
            } catch {
                broken = error
            }
            throw error
        }
        if isDurable {
            do throws(AuditError) {
                if next.contentsOffset > 0 { try contents?.synchronize() }
                try file.synchronize()
            } catch {
                // After a failed fsync nobody can say what is on the disk, and a second one may claim success.
                broken = error
                throw error
            }
        }
        position = next
    }
}
