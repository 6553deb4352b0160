import Foundation
import HadalObjects
import HadalStore
import Logging
import Synchronization

/// In the record stand `PLACE` for a place that was read to its end, and `SHA256 PLACE` for each file there that is whole.
extension ReplicaPatrol: PatrolRounds.Walk {
    private static func name(_ file: BlobDigest, _ place: String) -> String { "\(file.hex) \(place)" }

    private static func place(of name: String) -> String {
        BlobDigest(hex: String(name.prefix(64))) == nil ? name : String(name.dropFirst(65))
    }

    func look(at record: inout PatrolRecord) { tell(record) }

    func tell(nextRound date: Date?) { held.withLock { $0.nextRound = date } }

    private func tell(_ record: PatrolRecord) {
        let isComplete = record.looks.keys.count { Self.place(of: $0) == $0 } >= places.places.count
        held.withLock { state in
            state.verifiedUntil = isComplete ? record.looks.values.map(\.time).min() : nil
            state.damagedFiles = record.damaged.values.reduce(0, +)
        }
    }

    func round(_ record: inout PatrolRecord) async throws -> Bool {
        let logger = rounds.logger
        let (replicas, away) = await places.opened(for: store)
        for problem in away { logger.error("a replica cannot be verified: \(problem)") }
        if away.isEmpty { record.forget(placesBesides: Set(replicas.map(\.place)), Self.place) }
        var failed = away.count
        for replica in replicas where record.looks[replica.place]?.round != record.round {
            if try await !verify(replica, replicas, &record) { failed += 1 }
        }
        let short = try await replicate(to: replicas, away)
        held.withLock { state in (state.placesAway, state.shortModels) = (failed, short) }
        return failed == 0
    }

    /// - Returns: whether the place was read to its end.
    private func verify(_ replica: Replica, _ all: [Replica], _ record: inout PatrolRecord) async throws -> Bool {
        let (logger, place, round) = (rounds.logger, replica.place, record.round)
        logger.info("the patrol verifies a replica", metadata: ["replica": "\(place)"])
        let shared = Mutex(record)
        let path = rounds.record
        var check = ReplicaCheck(store: store, replicas: all, mends: true)
        check.watch = CheckWatch(
            listsBuckets: settings.listsBuckets,
            isDone: { place, file in shared.withLock { $0.looks[Self.name(file, place)]?.round == round } },
            took: pacing(),
            looked: { [clock = rounds.clock] place, file, isInOrder in
                guard isInOrder else { return }
                try shared.withLock { record throws(StoreError) in
                    record.looks[Self.name(file, place)] = .init(round: round, time: clock.now())
                    try record.write(path)
                }
            })
        let result = await check.run(at: place, now: rounds.clock.now())
        record = shared.withLock { $0 }
        try Task.checkCancellation()
        for finding in result.findings { tell(finding) }
        for problem in result.problems { logger.error("a replica could not be verified: \(problem)") }
        record.damaged[place] = result.findings.count { !$0.isMended }
        if result.problems.isEmpty {
            // What was not looked at is not there any more.
            record.looks = record.looks.filter { Self.place(of: $0.key) != place || $0.value.round == round }
            record.looks[place] = .init(round: round, time: rounds.clock.now())
        }
        try record.write(path)
        tell(record)
        return result.problems.isEmpty
    }

    /// What waits, after some bytes were read, until more may be.
    private func pacing() -> @Sendable (Int64) async throws(ObjectError) -> Void {
        let pace = Mutex(ReadPace(bytesPerSecond: settings.bytesPerSecond))
        return { [clock = rounds.clock] bytes throws(ObjectError) in
            let wait = pace.withLock { $0.wait(after: bytes, now: clock.uptime()) }
            guard wait > .zero else { return }
            do { try await clock.sleep(wait) } catch { throw .cancelled }
        }
    }

    private func tell(_ finding: ReplicaCheck.Finding) {
        var metadata: Logger.Metadata = ["replica": "\(finding.place)", "model": "\(finding.model)"]
        if let path = finding.path { metadata["file"] = "\(path)" }
        if finding.isMended {
            rounds.logger.notice("what a replica has \(finding.problem); it was mended", metadata: metadata)
        } else {
            let obstacle = finding.obstacle.map { "; it could not be mended: \($0)" } ?? ""
            rounds.logger.error("what a replica has \(finding.problem)\(obstacle)", metadata: metadata)
        }
    }

    /// Sends what the places lack.
    /// - Returns: how many models are in too few of them.
    private func replicate(to replicas: [Replica], _ away: [PlaceProblem]) async throws -> Int {
        let manifests = try store.readable().manifests
        let results = await Replication(store: store, replicas: replicas, away: away, copies: settings.copies)
            .run(manifests)
        try Task.checkCancellation()
        for result in results {
            let metadata: Logger.Metadata = ["model": "\(result.manifest.fullName)"]
            if result.sentBytes > 0 { rounds.logger.notice("a model was sent to its replicas", metadata: metadata) }
            if result.isEnough { continue }
            let problems = result.problems.map(\.description).joined(separator: "; ")
            rounds.logger.error("a model is in too few replicas: \(problems)", metadata: metadata)
        }
        return results.count { !$0.isEnough }
    }
}

extension PatrolRecord {
    /// - Parameter place: of the name of a look.
    mutating func forget(placesBesides known: Set<String>, _ place: (String) -> String) {
        looks = looks.filter { known.contains(place($0.key)) }
        damaged = damaged.filter { known.contains($0.key) }
    }
}
