public struct ABPlan: Sendable, Hashable, Codable {
    /// The candidate's part.
    public var share: TrafficShare
    public var stickiness: Stickiness
    /// So many subjects of each version the test was planned for; a look before is named as such. nil: no plan.
    public var plannedSubjects: Int?
    /// The probability of a difference that is none: 0.05.
    public var significance: Double

    public init(
        share: TrafficShare = .half, stickiness: Stickiness = .user,
        plannedSubjects: Int? = nil, significance: Double = 0.05
    ) {
        self.share = share
        self.stickiness = stickiness
        self.plannedSubjects = plannedSubjects
        self.significance = significance
    }

    func check() throws(ReleaseError) {
        guard share > .none, share < .all else {
            throw .invalid(field: "share", problem: "must be between 0 and 100 %, so that both versions are asked")
        }
        guard significance > 0, significance <= 0.2 else {
            throw .invalid(field: "significance", problem: "must be more than 0 and at most 0.2")
        }
        guard plannedSubjects.map({ $0 >= 2 }) ?? true else {
            throw .invalid(field: "plannedSubjects", problem: "must be 2 or more")
        }
    }
}

public struct BlueGreenPlan: Sendable, Hashable, Codable {
    /// false: both stay up until somebody promotes.
    public var switchesByItself: Bool

    public init(switchesByItself: Bool = true) { self.switchesByItself = switchesByItself }
}

public struct ShadowPlan: Sendable, Hashable, Codable {
    /// The part of the requests that the candidate answers too.
    public var share: TrafficShare
    /// Answers of at least this measure (0 to 1) count as similar.
    public var similarFrom: Double

    public init(share: TrafficShare, similarFrom: Double = 0.8) {
        self.share = share
        self.similarFrom = similarFrom
    }

    func check() throws(ReleaseError) {
        guard share > .none else { throw .invalid(field: "share", problem: "must be more than 0 %") }
        guard (0...1).contains(similarFrom) else {
            throw .invalid(field: "similarFrom", problem: "must be between 0 and 1")
        }
    }
}
