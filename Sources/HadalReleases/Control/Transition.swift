import Foundation
import HadalState

/// One change of a release, in one transaction: what it becomes, what is to be carried out for that, and the events
/// that tell of it. Carries nothing out itself.
struct Transition {
    let db: any StateTransaction
    let now: Date
    let by: ReleasePerson

    func record(
        _ action: ReleaseEvent.Action, _ alias: String, rollout: Int64? = nil, before: String = "", after: String = "",
        why: String = ""
    ) throws {
        try EventTable.add(
            db,
            ReleaseEvent(
                number: 0, time: now, alias: alias, rollout: rollout, action: action, by: by, before: before,
                after: after, why: why))
    }

    /// Moves a rollout and records it.
    func move(
        _ rollout: inout Rollout, to state: RolloutState, _ action: ReleaseEvent.Action, why: String
    ) throws {
        let before = rollout.state
        rollout.state = state
        if state.isOver { rollout.ended = now }
        try RolloutTable.update(db, rollout)
        try record(
            action, rollout.alias, rollout: rollout.id, before: before.rawValue, after: state.rawValue, why: why)
    }

    func add(_ effects: [Effect], to rollout: Rollout) throws {
        try EffectTable.add(db, effects, alias: rollout.alias, rollout: rollout.id)
    }

    /// Its workers are wanted, from now on. Versions whose time is over are stopped after that.
    func raise(_ number: Int, of alias: String) throws {
        try EffectTable.removeLoose(db, alias)
        guard var version = try VersionTable.find(db, alias, number) else { return }
        (version.isUp, version.standbyUntil) = (true, nil)
        try VersionTable.update(db, version)
    }

    /// What brings all requests to a version, at once where it gets some already.
    func serve(_ number: Int?, of alias: String) throws -> [Effect] {
        guard let number else { return [.all(to: nil)] }
        let shares = try DeploymentTable.get(db, alias).traffic.allocation.shares
        if shares[number] != nil { return [.all(to: number)] }
        try raise(number, of: alias)
        return [.prepare(number), .warm(number), .all(to: number)]
    }

    /// What takes down the workers that are not wanted any more.
    /// - Parameter standby: the version that is drained only.
    func takeDown(allBut kept: Int?, standby: Int? = nil, of alias: String) throws -> [Effect] {
        try VersionTable.all(db, alias).filter { $0.isUp && $0.standbyUntil == nil && $0.number != kept }
            .flatMap { $0.number == standby ? [.drain($0.number)] : [.drain($0.number), .stop($0.number)] }
    }
}
