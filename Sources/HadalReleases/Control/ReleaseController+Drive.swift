import Foundation
import Logging

/// How effects are carried out, one after the other.
extension ReleaseController {
    /// A driver that is not current was overtaken by a more urgent one.
    func isCurrent(_ alias: String, _ number: Int) -> Bool { drivers[alias]?.number == number }

    func drive(_ alias: String, _ number: Int) async {
        defer {
            if isCurrent(alias, number) { drivers[alias] = nil }
            leaving[alias]?.removeAll { $0.number == number }
        }
        do {
            if unrestored.contains(alias) { try await restore(alias, number) }
            while isCurrent(alias, number), !Task.isCancelled {
                if let pending = try store.read({ try EffectTable.next($0, alias) }) {
                    guard try await carryOut(pending, number) else { return }
                } else if unrestored.contains(alias) || !unraised.contains(alias) {
                    return
                } else {
                    try await raiseOthers(alias, number)
                }
            }
        } catch is CancellationError {
            return
        } catch {
            logger.error("a release waits", metadata: ["alias": "\(alias)", "problem": "\(error)"])
        }
    }

    /// - Returns: false: not now.
    private func carryOut(_ pending: PendingEffect, _ number: Int) async throws -> Bool {
        var problem: String?
        do {
            try await alone(pending.alias, pending.effect.version, number) { try await self.perform(pending) }
        } catch let error as CancellationError {
            throw error
        } catch {
            // An act that is cut off may call it by another name. It is no failure of the version.
            if Task.isCancelled { throw CancellationError() }
            problem = String("\(error)".prefix(1000))
        }
        let now = clock()
        let recovery: Transition.Recovery = try store.write { [problem] db in
            let transition = Transition(db: db, now: now, by: .hadal)
            if let problem { return try transition.fail(pending.id, problem) }
            try transition.complete(pending.id)
            return .goOn
        }
        if let problem {
            logger.warning(
                "a step of a release failed",
                metadata: [
                    "alias": "\(pending.alias)", "step": "\(pending.effect.name)", "problem": "\(problem)",
                ])
        }
        tell()
        watch(pending.alias)
        return recovery == .goOn
    }

    /// Runs `body` when no other act on the version is under way: one that was given up may not be over yet.
    func alone(
        _ alias: String, _ version: Int?, _ number: Int, _ body: () async throws -> Void
    ) async throws {
        if let version {
            for driver in leaving[alias] ?? [] where driver.version == version && driver.number != number {
                await driver.task.value
            }
        }
        guard isCurrent(alias, number), !Task.isCancelled else { throw CancellationError() }
        drivers[alias]?.version = version
        defer { if isCurrent(alias, number) { drivers[alias]?.version = nil } }
        try await body()
    }

    private func perform(_ pending: PendingEffect) async throws {
        let alias = pending.alias
        func version(_ number: Int) throws -> ModelVersion {
            guard let found = try store.read({ try VersionTable.find($0, alias, number) }) else {
                throw ReleaseError.noVersion(alias: alias, number: number, kept: [])
            }
            return found
        }
        switch pending.effect {
        case .prepare(let number): try await actuator.prepare(version(number))
        case .warm(let number): try await actuator.warm(version(number))
        case .verify(let number): try await actuator.verify(version(number))
        case .drain(let number): try await actuator.drain(version(number))
        case .stop(let number): try await actuator.stop(version(number))
        case .route(let route):
            let now = clock()
            let traffic = try store.read { try Transition(db: $0, now: now, by: .hadal).traffic(pending, route) }
            try await actuator.setTraffic(traffic, of: alias)
        }
    }
}
