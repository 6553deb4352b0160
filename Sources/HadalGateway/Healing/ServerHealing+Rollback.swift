import HadalReleases

/// Releases that go back.
extension ServerHealing {
    /// - Returns: when it is decided and written: the rollout that comes of it tells how far it is.
    func rollBack(_ order: HealingOrder) async throws -> String {
        let version = VersionName(order.model)
        let alias = version?.alias ?? order.model
        guard let releases, let deployment = try? releases.store.deployment(alias) else {
            throw NothingToHeal("\(alias) is no deployment (hadal deployments list)")
        }
        let underWay = try releases.store.rollout(of: alias)
        if underWay?.plan.kind == .rollback { throw NothingToHeal("\(alias) is rolled back already") }
        // One that waits for approval has changed nothing yet.
        let newest = underWay.flatMap { $0.state == .waiting ? nil : $0.candidate } ?? deployment.stable
        if let version, version.number != newest {
            throw NothingToHeal(
                "\(order.model) is not the newest version of \(alias) that answers, so going back would not help")
        }
        do {
            let rollout = try await releases.controller.rollBack(alias, why: order.why, by: .hadal)
            return "rollout \(rollout.id) takes \(alias) back to version \(rollout.candidate)"
        } catch {
            switch error {
            case .noPrevious, .alreadyServing, .noDeployment: throw NothingToHeal("\(error)")
            default: throw error
            }
        }
    }
}
