import HadalState

/// Why something of a release cannot be done, and what to do.
public enum ReleaseError: Error, Sendable, Hashable {
    case noDeployment(alias: String)
    case noVersion(alias: String, number: Int, kept: [Int])
    case pruned(alias: String, number: Int, kept: [Int])
    case noRollout(id: Int64)
    case underWay(alias: String, rollout: Int64, kind: RolloutKind)
    case nothingUnderWay(alias: String)
    case alreadyServing(alias: String, number: Int)
    case neverServed(alias: String, number: Int)
    case noPrevious(alias: String)
    /// An act that the rollout's state does not allow.
    case wrongState(rollout: Int64, state: RolloutState, act: String)
    case noBaseline(alias: String, kind: RolloutKind)
    case ownRequest(rollout: Int64)
    case approvedAlready(rollout: Int64)
    case approvalExpired(rollout: Int64)
    /// What was approved is not what would be done.
    case contentChanged(rollout: Int64)
    case approvalsWeakened(alias: String)
    case tooMuch(of: String, limit: Int, advice: String)
    case invalid(field: String, problem: String)
    case state(StateError)
}

extension ReleaseError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noDeployment(let alias): "there is no deployment \(alias); make it first (hadal deployments create)"
        case .noVersion(let alias, let number, let kept):
            "\(alias) has no version \(number); it has \(Self.list(kept))"
        case .pruned(let alias, let number, let kept):
            "version \(number) of \(alias) is no longer kept; go to one of \(Self.list(kept)), "
                + "or add its model as a new version"
        case .noRollout(let id): "there is no rollout \(id); list them (hadal releases list)"
        case .underWay(let alias, let rollout, let kind):
            "\(alias) has a \(kind.rawValue) under way (rollout \(rollout)); wait for it, or end it first "
                + "(hadal releases abort \(rollout))"
        case .nothingUnderWay(let alias): "\(alias) has no rollout under way; start one (hadal releases start)"
        case .alreadyServing(let alias, let number):
            "version \(number) of \(alias) serves already; name another version"
        case .neverServed(let alias, let number):
            "version \(number) of \(alias) never served, so there is nothing to go back to; release it "
                + "(hadal releases start)"
        case .noPrevious(let alias):
            "\(alias) has no earlier version to go back to; name one that served, or release another "
                + "(hadal releases start)"
        case .wrongState(let rollout, let state, let act):
            "rollout \(rollout) is \(state.rawValue), so it cannot be \(act); look at it first "
                + "(hadal releases show \(rollout))"
        case .noBaseline(let alias, let kind):
            "\(alias) serves no version yet, so a \(kind.rawValue) has nothing to compare with; "
                + "release the first version as blue-green"
        case .ownRequest(let rollout):
            "rollout \(rollout) was asked for by you; another person must decide on it"
        case .approvedAlready(let rollout): "you have approved rollout \(rollout); another person must too"
        case .approvalExpired(let rollout):
            "rollout \(rollout) was not approved in time; ask for it again (hadal releases start)"
        case .contentChanged(let rollout):
            "what rollout \(rollout) would do is not what is approved; look at it again "
                + "(hadal releases show \(rollout)) and approve its present digest, or ask for it again"
        case .approvalsWeakened(let alias):
            "the approvals of \(alias) can be made weaker only in the configuration file, not by a request"
        case .tooMuch(let what, let limit, let advice): "at most \(limit) \(what); \(advice)"
        case .invalid(let field, let problem): "\(field): \(problem)"
        case .state(let error): error.description
        }
    }

    private static func list(_ numbers: [Int]) -> String {
        numbers.isEmpty ? "none" : numbers.map(String.init).joined(separator: ", ")
    }
}
