import Foundation

extension Transition {
    /// - Parameter digest: of what the person has looked at.
    func approve(_ id: Int64, digest: String) throws -> Rollout {
        var rollout = try waiting(id, act: "approved")
        let deployment = try DeploymentTable.get(db, rollout.alias)
        guard let until = rollout.approvalUntil, now < until else { throw ReleaseError.approvalExpired(rollout: id) }
        guard by.id != rollout.by.id, by.id != ReleasePerson.hadal.id else {
            throw ReleaseError.ownRequest(rollout: id)
        }
        guard !rollout.approvals.contains(where: { $0.by.id == by.id }) else {
            throw ReleaseError.approvedAlready(rollout: id)
        }
        let version = try VersionTable.get(db, rollout.alias, rollout.candidate)
        // Computed anew: settings or the file may have been changed since.
        let present = try Self.digest(deployment, version, rollout.plan)
        guard digest == rollout.digest, present == rollout.digest else {
            throw ReleaseError.contentChanged(rollout: id)
        }
        rollout.approvals.append(Approval(by: by, time: now))
        try RolloutTable.update(db, rollout)
        let required = deployment.settings.approvals.required
        try record(
            .approved, rollout.alias, rollout: id, after: "\(rollout.approvals.count) of \(required)",
            why: "content \(digest)")
        if rollout.approvals.count >= required {
            try begin(&rollout, why: "approved by " + rollout.approvals.map(\.by.id).joined(separator: ", "))
        }
        return rollout
    }

    /// By another person, or by the one who asked, who takes it back.
    func refuse(_ id: Int64, why: String) throws -> Rollout {
        try Self.check(note: why)
        var rollout = try waiting(id, act: "refused")
        rollout.reason = why
        try move(&rollout, to: .refused, .refused, why: why)
        return rollout
    }

    /// Ends a rollout that was not approved in time.
    func expire(_ id: Int64) throws {
        var rollout = try RolloutTable.get(db, id)
        guard rollout.state == .waiting, let until = rollout.approvalUntil, now >= until else { return }
        rollout.reason = "not approved in time"
        try move(&rollout, to: .refused, .refused, why: "not approved in time")
    }

    private func waiting(_ id: Int64, act: String) throws -> Rollout {
        let rollout = try RolloutTable.get(db, id)
        guard rollout.state == .waiting else {
            throw ReleaseError.wrongState(rollout: id, state: rollout.state, act: act)
        }
        return rollout
    }
}
