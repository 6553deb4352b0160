import Foundation
import HadalAccess
import HadalAudit
import HadalHTTP
import HadalJSON

/// Copies acts and log-ins from `DATA/audit.db`, where server and commands record them before they count, into the
/// trail, which one process alone writes. Where it has come to stands in the trail itself, so that none is left out or
/// copied twice, however the server ended.
actor ActCopier {
    private static let pageSize = 500

    private let log: AuditLog
    private let recorder: AuditRecorder
    /// The last row that is copied; nil: not found out yet.
    private var row: Int64?
    /// `AuditRecorder.openings` when that was found out.
    private var openings = 0

    init(_ log: AuditLog, _ recorder: AuditRecorder) {
        self.log = log
        self.recorder = recorder
    }

    /// Copies what is new, oldest first.
    /// - Throws: what cannot be read or recorded; it is tried again from there.
    func copy() async throws {
        // Another server may have copied meanwhile.
        if row == nil || openings != recorder.openings {
            openings = recorder.openings
            row = try await start()
        }
        while true {
            let events = try await onOtherThreads { [log, row] in
                try log.events(after: row ?? 0, limit: Self.pageSize)
            }
            for event in events {
                guard try await append(AuditRecord(event)) else { return }
                row = event.number
            }
            guard events.count == Self.pageSize else { return }
        }
    }

    /// - Returns: false where it could not be recorded, and goes unrecorded by the policy: it is still in the database.
    private func append(_ record: AuditRecord) async throws -> Bool {
        do throws(AuditError) {
            return try await recorder.trail.append(record, durable: false) != nil
        } catch {
            guard case .tooLarge = error else { throw error }
            var short = record
            short.target = record.target.map { String($0.prefix(256)) }
            short.details = .compact([("row", record.details?["row"]), ("shortened", true)])
            return try await recorder.trail.append(short, durable: false) != nil
        }
    }

    private func start() async throws -> Int64 {
        try await onOtherThreads { [log, recorder] in
            var last: AuditRecord?
            var query = AuditQuery()
            query.kinds = [.act, .logIn]
            // The trail has acts of its own.
            try AuditSearch(data: recorder.data, keys: recorder.keys).forEach(query) { record in
                guard record.row != nil else { return .goOn }
                last = record
                return .stop
            }
            if let last, let row = last.row {
                let same = try log.events(after: row - 1, limit: 1).first
                if same?.number == row, same.map(AuditRecord.time) == last.time { return row }
            }
            return try Self.beginning(log, days: recorder.actDays)
        }
    }

    /// The row before the first one that is not too old to be kept: where no act is in the trail yet, or the database
    /// is another, as after a restored or removed one.
    private static func beginning(_ log: AuditLog, days: Double) throws -> Int64 {
        let newest = try log.events(tenant: nil, limit: 1).first?.number ?? 0
        let from = Date(timeIntervalSinceNow: -days * 86_400)
        return try log.events(after: 0, from: from, limit: 1).first.map { $0.number - 1 } ?? newest
    }
}
