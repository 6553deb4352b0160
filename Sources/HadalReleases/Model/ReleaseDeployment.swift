import Foundation

/// A model's name for clients, behind which versions take each other's place.
public struct ReleaseDeployment: Sendable, Hashable {
    /// What clients ask for.
    public var alias: String
    public var settings: DeploymentSettings
    /// The version that serves when nothing is under way; nil before the first.
    public var stable: Int?
    /// Who gets which requests, as it was last carried out.
    public var traffic: Traffic
    public var created: Date
}

public struct DeploymentSettings: Sendable, Hashable, Codable {
    public var approvals: ApprovalSettings
    /// Those of canaries whose plan names none.
    public var guardrails: [Guardrail]
    /// So many versions that served are kept beside the one that serves, for rollbacks; at least 1.
    public var keptVersions: Int
    /// So long the workers of a version that was replaced stay up for a rollback. Seconds; 0: they stop at once.
    public var standbySeconds: Double

    public init(
        approvals: ApprovalSettings = ApprovalSettings(), guardrails: [Guardrail] = Guardrail.standard,
        keptVersions: Int = 3, standbySeconds: Double = 3600
    ) {
        self.approvals = approvals
        self.guardrails = guardrails
        self.keptVersions = keptVersions
        self.standbySeconds = standbySeconds
    }

    func check() throws(ReleaseError) {
        guard (1...100).contains(keptVersions) else {
            throw .invalid(field: "keptVersions", problem: "must be 1 to 100")
        }
        guard standbySeconds.isFinite, standbySeconds >= 0 else {
            throw .invalid(field: "standbySeconds", problem: "must be 0 or more")
        }
        guard (1...10).contains(approvals.required) else {
            throw .invalid(field: "approvals.required", problem: "must be 1 to 10")
        }
        guard !approvals.kinds.contains(.rollback) else {
            throw .invalid(
                field: "approvals.kinds", problem: "a rollback cannot wait; it goes to what was released before")
        }
        guard approvals.validSeconds.isFinite, approvals.validSeconds > 0 else {
            throw .invalid(field: "approvals.validSeconds", problem: "must be more than 0")
        }
        for guardrail in guardrails { try guardrail.check() }
    }
}

/// What needs a second person.
public struct ApprovalSettings: Sendable, Hashable, Codable {
    /// Rollouts of these kinds begin when others have approved them, and are promoted early only by another than the
    /// one who began them. Empty: none needs it. Never of rollbacks.
    public var kinds: Set<RolloutKind>
    /// So many persons beside the one who asked.
    public var required: Int
    /// A request that is not approved within so many seconds is void, and so is an approval.
    public var validSeconds: Double

    public init(kinds: Set<RolloutKind> = [], required: Int = 1, validSeconds: Double = 24 * 3600) {
        self.kinds = kinds
        self.required = required
        self.validSeconds = validSeconds
    }

    /// Whether these ask for less than others.
    func isWeaker(than other: ApprovalSettings) -> Bool {
        guard !other.kinds.isEmpty else { return false }
        return !other.kinds.isSubset(of: kinds) || required < other.required || validSeconds > other.validSeconds
    }

    private enum CodingKeys: String, CodingKey { case kinds, required, validSeconds }

    /// In a fixed order, as what is approved is bound to the bytes.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kinds.sorted { $0.rawValue < $1.rawValue }, forKey: .kinds)
        try container.encode(required, forKey: .required)
        try container.encode(validSeconds, forKey: .validSeconds)
    }
}
