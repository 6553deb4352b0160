import Crypto
import Foundation

extension Transition {
    /// So often what a way back needs is tried before it goes on without.
    private static let attemptsMax = 5
    /// A version that could not be stopped is tried again after this. Seconds.
    private static let stopAgainSeconds: TimeInterval = 60

    /// What a router is to go by. The same for the same effect until it is done.
    func traffic(_ pending: PendingEffect, _ route: Effect.Route) throws -> Traffic {
        let deployment = try DeploymentTable.get(db, pending.alias)
        guard
            let allocation = route.shares.isEmpty
                ? Allocation.none : deployment.traffic.allocation.adjusted(to: route.shares)
        else {
            throw ReleaseError.invalid(field: "shares", problem: "do not add up to 100 %")
        }
        let use = Data("\(pending.alias)\u{0}\(pending.rollout ?? 0)".utf8)
        let salt = HMAC<SHA256>.authenticationCode(
            for: use, using: SymmetricKey(data: try DeploymentTable.secret(db)))
        return Traffic(
            revision: pending.id, allocation: allocation, stickiness: route.stickiness, mirror: route.mirror,
            salt: Data(salt))
    }

    /// An effect was carried out. Nothing where another release has overtaken it.
    func complete(_ id: Int64) throws {
        guard let pending = try EffectTable.find(db, id) else { return }
        switch pending.effect {
        case .route(let route):
            let traffic = try traffic(pending, route)
            let before = try DeploymentTable.get(db, pending.alias).traffic
            try DeploymentTable.set(db, pending.alias, traffic: traffic)
            try record(
                .trafficSet, pending.alias, rollout: pending.rollout, before: before.summary,
                after: traffic.summary)
        case .stop(let number):
            if var version = try VersionTable.find(db, pending.alias, number) {
                (version.isUp, version.standbyUntil) = (false, nil)
                try VersionTable.update(db, version)
            }
        case .prepare(let number):
            // Said again, as a stop that was on its way may have been done since.
            if var version = try VersionTable.find(db, pending.alias, number) {
                (version.isUp, version.standbyUntil) = (true, nil)
                try VersionTable.update(db, version)
            }
        case .warm, .verify, .drain: break
        }
        try remove(pending)
    }

    enum Recovery: Sendable { case goOn, later }

    /// An effect failed. What a candidate needs fails the rollout; the way back is tried again; what only tidies up is
    /// passed over.
    func fail(_ id: Int64, _ problem: String) throws -> Recovery {
        guard let pending = try EffectTable.find(db, id) else { return .goOn }
        var rollout = try pending.rollout.map { try RolloutTable.get(db, $0) }
        let why = "\(pending.effect.name) failed: \(problem)"
        if pending.attempts == 0 {
            try record(
                .effectFailed, pending.alias, rollout: pending.rollout, before: rollout?.state.rawValue ?? "",
                after: rollout?.state.rawValue ?? "", why: why)
        }
        let isWayBack = rollout.map { $0.state == .aborting || $0.plan.kind == .rollback && $0.state == .promoting }
        switch pending.effect {
        case .drain:
            try remove(pending)
            return .goOn
        case .stop(let number):
            if var version = try VersionTable.find(db, pending.alias, number) {
                version.standbyUntil = now + Self.stopAgainSeconds
                try VersionTable.update(db, version)
            }
            try remove(pending)
            return .goOn
        case .prepare, .warm, .verify, .route:
            guard var failing = rollout, isWayBack == false else {
                if case .verify = pending.effect {
                    try remove(pending)
                    return .goOn
                }
                if case .route = pending.effect {
                } else if pending.attempts + 1 >= Self.attemptsMax {
                    try remove(pending)
                    return .goOn
                }
                try EffectTable.countAttempt(db, id)
                return .later
            }
            try abort(&failing, why: why)
            rollout = failing
            return .goOn
        }
    }

    private func remove(_ pending: PendingEffect) throws {
        try EffectTable.remove(db, pending.id)
        guard let id = pending.rollout else { return }
        let open = try EffectTable.pending(db, pending.alias).contains { $0.rollout == id }
        if !open { try settle(try RolloutTable.get(db, id)) }
    }
}

extension Traffic {
    /// For events: `1: 95 %, 2: 5 %`.
    var summary: String {
        var parts = allocation.shares.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        if let mirror { parts.append("mirror \(mirror.version): \(mirror.share)") }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }
}
