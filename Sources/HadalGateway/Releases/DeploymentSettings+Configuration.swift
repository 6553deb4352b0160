import HadalConfiguration
import HadalReleases

/// A deployment that the configuration names.
public struct ConfiguredDeployment: Sendable, Hashable {
    let name: String
    private let configuration: DeploymentConfiguration

    init(_ configuration: DeploymentConfiguration) {
        name = configuration.name
        self.configuration = configuration
    }

    /// - Parameter known: what there is; guardrails stay as they are.
    func settings(after known: DeploymentSettings?) -> DeploymentSettings {
        var settings = known ?? DeploymentSettings()
        settings.approvals = ApprovalSettings(
            kinds: Set(configuration.approvals.compactMap { RolloutKind(rawValue: $0.rawValue) }),
            required: configuration.approvalsRequired, validSeconds: configuration.approvalTime / .seconds(1))
        settings.keptVersions = configuration.keptVersions
        settings.standbySeconds = configuration.standby / .seconds(1)
        return settings
    }
}

extension ReleaseController {
    /// Makes the deployments that the configuration names, or brings them up to it.
    func configure(_ deployments: [ConfiguredDeployment]) throws(ReleaseError) {
        for deployment in deployments {
            let known = try store.deployments().first { $0.alias == deployment.name }?.settings
            try configure(
                deployment.name, deployment.settings(after: known), isConfiguration: true, by: .hadal)
        }
    }
}
