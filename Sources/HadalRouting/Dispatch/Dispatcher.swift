import HadalJSON
import Synchronization

/// All targets: who is there, how they are, and whom to ask next.
public final class Dispatcher: Sendable {
    private let targets = Mutex<[String: TargetState]>([:])

    public init() {}

    /// A target is there from now on, with these members. What is known of it and of members that stay is kept.
    public func update(_ target: String, members: [Member], settings: TargetSettings = TargetSettings()) {
        // Under the lock, so that of two updates the later is the one that counts.
        targets.withLock { targets in
            let state = targets[target] ?? TargetState(target, settings: settings)
            targets[target] = state
            state.update(members, settings: settings)
        }
    }

    /// Attempts that are under way end as they would.
    public func remove(_ target: String) { targets.withLock { $0[target] = nil } }

    public var names: [String] { targets.withLock { $0.keys.sorted() } }

    /// Begins a request.
    ///
    /// - Parameters:
    ///   - plan: of a `RouteDecision`.
    ///   - features: what the request needs; targets that lack it are left out.
    public func begin(_ plan: [PlanStep], work: Work, features: Set<RouteFeature> = []) -> Dispatch {
        Dispatch(self, plan: plan, work: work, features: features)
    }

    func target(_ name: String) -> TargetState? { targets.withLock { $0[name] } }

    /// How all targets are, by name; see `TargetState.status`.
    public func status(at time: ContinuousClock.Instant) -> JSON {
        let all = targets.withLock { $0.values.sorted { $0.name < $1.name } }
        return .array(all.map { $0.status(at: time) })
    }

    /// How one target is; nil where there is none.
    public func status(of name: String, at time: ContinuousClock.Instant) -> JSON? {
        target(name)?.status(at: time)
    }
}
