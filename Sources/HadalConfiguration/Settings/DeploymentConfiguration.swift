/// A name behind which versions of a model take each other's place (docs/releases.md).
public struct DeploymentConfiguration: SettingsSection {
    /// Kinds of rollouts that may need approval.
    public enum Kind: String, CaseIterable, Sendable, Hashable {
        case canary, ab, shadow
        case blueGreen = "blue-green"
    }

    public var name = ""
    /// What needs other persons' approval.
    public var approvals: [Kind] = []
    public var approvalsRequired = 1
    public var approvalTime = Duration.seconds(86_400)
    public var keptVersions = 3
    public var standby = Duration.seconds(3600)

    public init() {}

    static let entries: [Entry<DeploymentConfiguration>] = [
        .setting(
            "name", \.name, .text("name", example: "chat"), .restart, shownDefault: "must be given",
            "What requests call it. Versions are added and released while the server runs (hadal deployments, hadal "
                + "releases)."),
        .setting(
            "approvals", \.approvals, .list(of: .choice), .restart,
            "Rollouts of these kinds begin when other persons have approved them. Here alone approvals can be made "
                + "weaker."),
        .setting(
            "approvals_required", \.approvalsRequired, .count(1...10, example: "1"), .restart,
            "So many persons beside the one who asked."),
        .setting(
            "approval_time", \.approvalTime, .duration(.seconds(60)...(.seconds(30 * 86_400)), example: "1d"), .restart,
            "A rollout that is not approved within so long is refused."),
        .setting(
            "kept_versions", \.keptVersions, .count(1...100, example: "3"), .restart,
            "Versions that served are kept for rollbacks, so many beside the one that serves."),
        .setting(
            "standby", \.standby, .duration(.zero...(.seconds(30 * 86_400)), example: "1h"), .restart,
            "So long the worker of a version that was replaced stays up, so that a rollback needs no loading. 0s: it "
                + "stops at once."),
    ]

    func check(_ findings: inout Findings) {
        if name.isEmpty { findings.add("name", "no name is given", "write 'name: NAME'") }
    }
}

extension HadalSettings {
    /// No two deployments, and no deployment and model, have the same name.
    func checkDeployments(_ findings: inout Findings) {
        var names = Set(models.compactMap(\.servedName))
        for (index, deployment) in deployments.enumerated() where !deployment.name.isEmpty {
            guard !names.insert(deployment.name).inserted else { continue }
            findings.add(
                "deployments[\(index)].name", "\(quoted(deployment.name)) is there already",
                "give each deployment and each model its own name")
        }
    }
}
