import Synchronization

/// Why nobody gets a piece of work.
public enum PlacementRefusal: Error, Sendable, Hashable {
    /// There are none, or all are draining or excluded.
    case noMember
    /// All that could have it have as many requests as they may.
    case busy
}

/// Gives each request to one of a target's members, see `BalancerState`. Deterministic: the same calls in the same
/// order give the same members.
public final class Balancer: Sendable {
    private let state: Mutex<BalancerState>

    public init(_ members: [Member] = [], settings: BalancerSettings = BalancerSettings()) {
        var initial = BalancerState(settings: settings)
        initial.update(members)
        state = Mutex(initial)
    }

    /// Who is there from now on. Those that are missing get nothing new; what they have to do stays counted until it
    /// is done.
    public func update(_ members: [Member]) { state.withLock { $0.update(members) } }

    public func use(_ settings: BalancerSettings) { state.withLock { $0.use(settings) } }

    /// Counts the work's tokens to one of the members, until the lease is finished or dropped.
    ///
    /// - Parameter excluded: ids of members that must not get it.
    public func place(_ work: Work, excluding excluded: Set<String> = []) throws(PlacementRefusal) -> Lease {
        switch state.withLock({ $0.place(work, excluding: excluded) }) {
        case .member(let id, let number, let matched):
            return Lease(self, member: id, number: number, tokens: work.tokens, matched: matched)
        case .refused(let refusal): throw refusal
        }
    }

    /// In the order of their ids; at last those that left with work to do.
    public var loads: [MemberLoad] {
        state.withLock { state in
            let all = state.entries.map {
                MemberLoad(member: $0.member, tokens: $0.tokens, requests: $0.requests, isGone: $0.isGone)
            }
            return all.filter { !$0.isGone } + all.filter(\.isGone)
        }
    }

    /// How many beginnings of prompts are remembered.
    public var prefixCount: Int { state.withLock { $0.prefixCount } }

    fileprivate func giveBack(_ tokens: Int, of number: Int, isLast: Bool) {
        state.withLock { $0.giveBack(tokens, of: number, isLast: isLast) }
    }
}

/// What a member has to do.
public struct MemberLoad: Sendable, Hashable {
    public var member: Member
    public var tokens: Int
    public var requests: Int
    /// No longer a member, but not all of its work is done.
    public var isGone: Bool
}

/// Work that a member has. Gives its tokens back exactly once: as they are done, when it is finished, or when nobody
/// holds it any more.
public final class Lease: Sendable {
    public let member: String
    /// Tokens of the prompt's beginning that the member has probably computed before.
    public let matchedTokens: Int
    private let balancer: Balancer
    private let number: Int
    /// What is still counted; nil when finished.
    private let remaining: Mutex<Int?>

    fileprivate init(_ balancer: Balancer, member: String, number: Int, tokens: Int, matched: Int) {
        self.balancer = balancer
        self.member = member
        self.number = number
        matchedTokens = matched
        remaining = Mutex(tokens)
    }

    deinit { finish() }

    /// So many tokens are done. More than were counted are not given back.
    public func progress(_ tokens: Int) {
        let done: Int = remaining.withLock { remaining in
            guard let left = remaining else { return 0 }
            let done = min(max(tokens, 0), left)
            remaining = left - done
            return done
        }
        if done > 0 { balancer.giveBack(done, of: number, isLast: false) }
    }

    /// The work is done, or given up. A second time does nothing.
    public func finish() {
        let left: Int? = remaining.withLock { remaining in
            defer { remaining = nil }
            return remaining
        }
        if let left { balancer.giveBack(left, of: number, isLast: true) }
    }
}
