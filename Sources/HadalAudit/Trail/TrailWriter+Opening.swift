import Foundation
import HadalJSON
import HadalSecrets
import Logging

extension TrailWriter {
    /// Opens the trail of a data directory to write, or makes it.
    init(data: String, keys: DataKeys?, settings: AuditSettings) throws(AuditError) {
        let directory = AuditDirectory(data: data)
        try directory.make()
        let lock = try Self.lock(directory)
        let segments = try directory.segments()
        var history = try KeyHistory.read(directory.keys)
        let signer = try Self.signer(directory, &history, isNew: segments.isEmpty, keys: keys, settings)
        if let last = segments.last {
            let recovery = try Recovery(last, in: directory, history: history)
            recovered = recovery.found
            (segment, position) = (recovery.head, recovery.position)
            file = try AuditFile(directory.segment(last), O_RDWR)
            if recovery.isEnded {
                let made = try Self.begin(
                    after: position, in: directory, signer: signer, time: settings.now(), first: position.sequence + 1)
                (segment, file, position) = (made.head, made.file, made.position)
            } else if segment.key != signer.id {
                throw .badKey(
                    path: directory.signingKey, problem: "the last segment was begun with another key, \(segment.key)")
            }
        } else {
            guard try SmallFile.read(directory.head) == nil else {
                throw .cut(path: directory.path, sequence: 1, found: 0)
            }
            recovered = nil
            let made = try Self.begin(after: nil, in: directory, signer: signer, time: settings.now(), first: 1)
            try PublishedHead.write(made.signed, directory)
            (segment, file, position) = (made.head, made.file, made.position)
        }
        (self.directory, self.keys, self.settings, self.lock) = (directory, keys, settings, lock)
        (self.signer, self.history) = (signer, history)
        people = try PersonKeys(directory, keys: keys)
        try sayOpened()
    }

    /// A verifier that looks whether somebody writes has the lock for a moment.
    private static func lock(_ directory: AuditDirectory) throws(AuditError) -> AuditFile {
        for _ in 0..<20 {
            if let lock = try AuditFile.locked(directory.lock) { return lock }
            usleep(10_000)
        }
        throw .busy(path: directory.lock)
    }

    /// The start is in the trail, with what it found: records that a crash left unsigned are signed by now only. Where
    /// the disk is too full, that waits for the next record: a server that runs can say what is wrong, and goes on when
    /// there is room.
    private mutating func sayOpened() throws(AuditError) {
        var record = AuditRecord(.system, outcome: "ok", time: settings.now())
        record.action = "trail.open"
        if let recovered, recovered.cut > 0 || recovered.unsigned > 0 {
            record.details = [
                "cut_bytes": .int(Int64(clamping: recovered.cut)), "unsigned_records": .int(Int64(recovered.unsigned)),
            ]
            settings.log.warning(
                "the audit trail was not closed",
                metadata: [
                    "cut_bytes": "\(recovered.cut)", "kept_in": "\(recovered.file ?? "-")",
                    "unsigned_records": "\(recovered.unsigned)",
                ])
        }
        do throws(AuditError) { try commit(one: record) } catch {
            guard case .noSpace = error else { throw error }
            opening = (record, error)
        }
        try checkpoint(.interval)
    }

    private static func signer(
        _ directory: AuditDirectory, _ history: inout KeyHistory, isNew: Bool, keys: DataKeys?,
        _ settings: AuditSettings
    ) throws(AuditError) -> SigningKey {
        let path = directory.signingKey
        guard let signer = try SigningKey.read(path, keys: keys) else {
            guard isNew, history.entries.isEmpty else {
                throw .badKey(
                    path: path,
                    problem:
                        "the key that signs this trail is missing; restore it, or move the directory away to begin "
                        + "a new trail")
            }
            let trail = UUID().uuidString.lowercased()
            let signer = try SigningKey.make(trail: trail, after: nil, time: settings.now(), path: path)
            try signer.write(to: path, keys: keys)
            return try enter(signer, &history, directory)
        }
        if history.entries.last?.id == signer.id { return signer }
        guard isNew || !history.entries.isEmpty else {
            throw .badKey(path: directory.keys, problem: "the list of public keys is missing; restore it")
        }
        return try enter(signer, &history, directory)
    }

    /// A crash may have come between the key's file and the list.
    private static func enter(
        _ signer: SigningKey, _ history: inout KeyHistory, _ directory: AuditDirectory
    ) throws(AuditError) -> SigningKey {
        guard history.append(signer.entry) else {
            throw .badKey(path: directory.signingKey, problem: "it is not the key of this trail (\(directory.keys))")
        }
        try history.write(to: directory.keys)
        return signer
    }
}
