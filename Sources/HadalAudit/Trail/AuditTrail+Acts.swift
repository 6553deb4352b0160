import Foundation
import HadalJSON
import Logging
import Synchronization

extension AuditTrail {
    /// Runs `body` on the writer's thread, after what was appended before.
    private func act<Value: Sendable>(
        _ body: @escaping @Sendable (inout TrailWriter) throws(AuditError) -> Value
    ) async throws(AuditError) -> Value {
        guard !queue.withLock({ $0.isClosed }) else { throw .closed }
        let result = await withCheckedContinuation { (answer: CheckedContinuation<Result<Value, AuditError>, Never>) in
            thread.async { answer.resume(returning: self.run(body)) }
        }
        return try result.get()
    }

    private func run<Value: Sendable>(
        _ body: (inout TrailWriter) throws(AuditError) -> Value
    ) -> Result<Value, AuditError> {
        writer.withLock { writer in
            let result: Result<Value, AuditError>
            do throws(AuditError) { result = .success(try body(&writer)) } catch { result = .failure(error) }
            if case .failure(let error) = result {
                note(writer, error)
            } else {
                // Acts may write nothing: only an append shows that there is room again.
                current.withLock { $0.take(writer) }
            }
            return result
        }
    }

    /// Signs what is not signed yet.
    /// - Returns: the place in the chain, to be kept elsewhere.
    @discardableResult
    public func checkpoint() async throws(AuditError) -> AuditAnchor {
        try await act { writer throws(AuditError) in
            try writer.checkpoint(.interval)
            return AuditAnchor(sequence: writer.position.sequence, hash: writer.position.chain.hex)
        }
    }

    /// Goes on with a new signing key, which the old one signs.
    @discardableResult
    public func rotateKey() async throws(AuditError) -> AuditKeyID {
        try await act { writer throws(AuditError) in
            try writer.rotateKey()
            return writer.signer.id
        }
    }

    /// Removes what is older than the settings say. To be called once a day.
    @discardableResult
    public func applyRetention() async throws(AuditError) -> AuditRemoval {
        try await act { writer throws(AuditError) in try writer.applyRetention() }
    }

    /// Makes all texts of a person unreadable by destroying their key; records and chain stay. That it was done is
    /// recorded before: no record, no erasure. What the person asks afterwards gets a new key.
    /// - Returns: whether there was a key.
    @discardableResult
    public func erase(_ person: AuditPerson, by actor: AuditPerson? = nil) async throws(AuditError) -> Bool {
        try await act { writer throws(AuditError) in
            guard let key = writer.people.key(of: person) else { return false }
            var record = AuditRecord(.act, outcome: "ok", time: writer.settings.now())
            record.action = "contents.erase"
            record.tenant = actor?.tenant
            record.user = actor?.user
            record.target = person.tenant + "/" + person.user
            record.details = ["content_key": .string(key.id)]
            try writer.commit(one: record)
            try writer.people.destroy(key)
            return true
        }
    }

    /// Writes what waits, signs it and gives the trail free. Appending fails from now on.
    public func close() async throws(AuditError) {
        let wasClosed = queue.withLock { queue in
            defer { queue.isClosed = true }
            return queue.isClosed
        }
        guard !wasClosed else { return }
        let result = await withCheckedContinuation { (answer: CheckedContinuation<Result<Void, AuditError>, Never>) in
            thread.async {
                let result = self.run { writer throws(AuditError) in
                    var record = AuditRecord(.system, outcome: "ok", time: writer.settings.now())
                    record.action = "trail.close"
                    try writer.commit(one: record)
                    try writer.checkpoint(.interval)
                    writer.broken = .closed
                    writer.lock = nil
                }
                self.current.withLock { $0.isClosed = true }
                answer.resume(returning: result)
            }
        }
        try result.get()
    }

    /// Signs from time to time, as long as the trail is there.
    func scheduleCheckpoint() {
        let interval = settings.checkpointInterval
        thread.asyncAfter(deadline: .now() + max(0.01, interval)) { [weak self] in
            guard let self, !self.queue.withLock({ $0.isClosed }) else { return }
            // What failed before is told by the next append.
            self.writer.withLock { writer in
                guard writer.broken == nil else { return }
                do throws(AuditError) {
                    try writer.checkpoint(.interval)
                    self.current.withLock { $0.take(writer) }
                } catch {
                    self.note(writer, error)
                }
            }
            self.scheduleCheckpoint()
        }
    }
}

extension AuditStatus {
    mutating func take(_ writer: TrailWriter) {
        sequence = writer.position.sequence
        head = writer.position.chain.hex
        segment = writer.segment.first
        unsigned = writer.position.unsigned
        trail = writer.signer.trail
        key = writer.signer.id
    }
}
