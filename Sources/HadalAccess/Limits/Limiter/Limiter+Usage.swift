import HadalState
import Synchronization

extension Limiter {
    /// What is going on, for metrics.
    public struct Activity: Sendable, Hashable {
        public var running: Int
        public var waiting: Int
        /// Keys, users, tenants and models that are being counted.
        public var scopes: Int
        /// Rows of usage that `flush` will write.
        public var unwritten: Int
    }

    public var activity: Activity {
        state.withLock {
            Activity(
                running: $0.running, waiting: $0.queue.count, scopes: $0.counters.count,
                unwritten: $0.pending.rows.count)
        }
    }

    /// Writes what was used since the last time, and reads what other processes have added. To be called each second
    /// and at the end.
    /// - Throws: `AccessStoreError`; nothing is lost then, the next call tries again.
    public func flush() async throws(AccessStoreError) {
        // Reading, writing and taking note of it are one step: all is done on the connection that writes.
        try await store.exclusively { db in
            let moment = self.clock.moment
            try self.write(db)
            self.state.withLock { $0.counters.sweep(moment) }
            try self.readWhatOthersWrote(db)
            try self.prune(today: moment.today, db)
        }
    }

    private func write(_ db: any StateWriter) throws {
        let batch = state.withLock { $0.takePending() }
        guard !batch.isEmpty else { return }
        do {
            let changes = try db.transaction { try UsageTables.add(batch, $0) }
            state.withLock { $0.counters.wrote(changes) }
        } catch {
            state.withLock { $0.pending.add(batch) }
            throw error
        }
    }

    private func readWhatOthersWrote(_ db: any StateWriter) throws {
        let current = try db.othersVersion()
        guard version.withLock({ $0 != current }) else { return }
        var changes: [QuotaKey: QuotaChange] = [:]
        for key in state.withLock(\.counters.quotaKeys) {
            changes[key] = QuotaChange(total: try UsageTables.total(key, db))
        }
        state.withLock { $0.counters.wrote(changes) }
        version.withLock { $0 = current }
    }

    private func prune(today: UTCDay, _ db: any StateWriter) throws {
        guard pruned.withLock({ $0 != today }) else { return }
        let oldest = UTCDay(number: today.number - UsageStore.daysKept)
        try db.transaction { try UsageTables.removeOld(today: today, usageBefore: oldest, $0) }
        pruned.withLock { $0 = today }
    }

    /// Reads the quotas of scopes that were not seen before.
    /// - Returns: false where that fails.
    func load(_ scopes: [LimitScope]) async -> Bool {
        do {
            try await store.exclusively { db in
                var totals: [QuotaKey: QuotaTotal] = [:]
                for key in self.state.withLock({ $0.missingTotals(of: scopes) }) {
                    totals[key] = try UsageTables.total(key, db)
                }
                self.state.withLock { $0.load(totals) }
            }
            return true
        } catch {
            return false
        }
    }
}
