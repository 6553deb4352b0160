import Foundation
import HadalJSON
import HadalSecrets
import Logging
import Synchronization

/// The audit trail of a data directory: append-only, hash-chained, signed. One process writes it; any may read it
/// (`AuditSearch`, `AuditVerifier`).
///
/// Many may append at once: what comes while the disk is busy is written together, with one fsync.
public final class AuditTrail: Sendable {
    struct Waiting: Sendable {
        var entry: TrailWriter.Entry
        var answer: CheckedContinuation<Result<UInt64?, AuditError>, Never>
    }

    struct Queue: Sendable {
        var waiting: [Waiting] = []
        var isScheduled = false
        var isClosed = false
    }

    /// Below the data directory.
    public let path: String
    let settings: AuditSettings
    let thread = DispatchQueue(label: "hadal.audit")
    let queue = Mutex(Queue())
    let writer: Mutex<TrailWriter>
    let current: Mutex<AuditStatus>

    /// Opens or makes the trail in `data`/audit.
    /// - Parameter keys: nil: records, signing key and people's keys are kept in plain, readable by their owner alone.
    /// - Throws: also where the end of the trail is not as it was written; only a record that a crash cut off is
    ///   removed (`AuditStatus.recovered`). Not where the disk is too full to record (`AuditStatus.failure`).
    public init(data: String, keys: DataKeys?, settings: AuditSettings = AuditSettings()) throws(AuditError) {
        let writer = try TrailWriter(data: data, keys: keys, settings: settings)
        self.settings = settings
        path = writer.directory.path
        var status = AuditStatus()
        status.recovered = writer.recovered
        status.failure = writer.opening?.failure
        if let failure = status.failure { settings.log.error("nothing can be recorded in the audit: \(failure)") }
        status.take(writer)
        current = Mutex(status)
        self.writer = Mutex(writer)
        scheduleCheckpoint()
    }

    public var status: AuditStatus { current.withLock { $0 } }

    /// Records it, with as much of the texts as is said.
    ///
    /// - Parameter durable: returns only when it is on the disk (fsync); else when the system has it, so that it
    /// outlives   this process but perhaps not a power cut.
    /// - Returns: its sequence number; nil where it could not be recorded and the policy is `goOn`.
    /// - Throws: with the policy `refuse` where it is not recorded: what it is about must not be done or answered.
    /// After   a failed fsync it may be on the disk nevertheless.
    @discardableResult
    public func append(
        _ record: AuditRecord, input: AuditText = .none, output: AuditText = .none, durable: Bool = true
    ) async throws(AuditError) -> UInt64? {
        let entry = TrailWriter.Entry(record: record, input: input, output: output, isDurable: durable)
        let result = await withCheckedContinuation {
            (answer: CheckedContinuation<Result<UInt64?, AuditError>, Never>) in
            enqueue(Waiting(entry: entry, answer: answer))
        }
        return try result.get()
    }

    private func enqueue(_ waiting: Waiting) {
        let (isClosed, mustSchedule) = queue.withLock { queue in
            guard !queue.isClosed else { return (true, false) }
            queue.waiting.append(waiting)
            let mustSchedule = !queue.isScheduled
            queue.isScheduled = true
            return (false, mustSchedule)
        }
        if isClosed { waiting.answer.resume(returning: .failure(.closed)) }
        if mustSchedule { thread.async { self.drain() } }
    }

    /// Writes what waits until nothing does.
    private func drain() {
        while true {
            let batch = queue.withLock { queue in
                let batch = Array(queue.waiting.prefix(TrailWriter.batchLimit))
                queue.waiting.removeFirst(batch.count)
                queue.isScheduled = !batch.isEmpty
                return batch
            }
            guard !batch.isEmpty else { return }
            let answers = writer.withLock { writer in
                let results = writer.commit(batch.map(\.entry))
                return settle(results, &writer)
            }
            for (waiting, answer) in zip(batch, answers) { waiting.answer.resume(returning: answer) }
        }
    }

    /// What the policy makes of failures.
    private func settle(
        _ results: [Result<UInt64, AuditError>], _ writer: inout TrailWriter
    ) -> [Result<UInt64?, AuditError>] {
        var failure: AuditError?
        let answers: [Result<UInt64?, AuditError>] = results.map { result in
            switch result {
            case .success(let sequence): return .success(sequence)
            case .failure(let error):
                // A record that is too long says nothing of the trail.
                if case .tooLarge = error {} else { failure = error }
                guard settings.onFailure == .goOn else { return .failure(error) }
                writer.lost = ((writer.lost?.count ?? 0) + 1, writer.lost?.since ?? settings.now())
                current.withLock { $0.lost += 1 }
                return .success(nil)
            }
        }
        note(writer, failure)
        return answers
    }

    /// A failure is logged when it begins, not with each record.
    func note(_ writer: TrailWriter, _ failure: AuditError?) {
        let before = current.withLock { status in
            defer {
                status.failure = failure
                status.take(writer)
            }
            return status.failure
        }
        if let failure, failure != before { settings.log.error("nothing can be recorded in the audit: \(failure)") }
        if failure == nil, before != nil { settings.log.notice("the audit records again") }
    }
}
