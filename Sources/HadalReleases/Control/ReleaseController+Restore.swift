import Foundation
import Logging

/// Workers and router know nothing of us after a restart.
extension ReleaseController {
    /// Brings up what gets requests, and what pending effects take to be up.
    func restore(_ alias: String, _ number: Int) async throws {
        guard let deployment = try store.read({ try DeploymentTable.find($0, alias) }) else {
            unrestored.remove(alias)
            return
        }
        let pending = try store.read { try EffectTable.pending($0, alias) }
        let up = try store.read { try VersionTable.all($0, alias) }.filter { $0.isUp }
        var shares = deployment.traffic.allocation.shares
        var isRouteNext = false
        if case .route(let route) = pending.first?.effect {
            // As after a rollback: who is left behind must not hold up the others.
            shares = route.shares
            isRouteNext = true
        }
        do {
            for version in up where shares[version.number] != nil { try await raise(version, number) }
            if !isRouteNext, deployment.traffic.revision > 0 {
                try await alone(alias, nil, number) {
                    try await self.actuator.setTraffic(deployment.traffic, of: alias)
                }
            }
            unrestored.remove(alias)
        } catch let error as CancellationError {
            throw error
        } catch {
            // It stays to be done at the next tick; what is pending may be the way out.
            logger.error("a deployment is not up", metadata: ["alias": "\(alias)", "problem": "\(error)"])
        }
        // It was prepared before, and what is pending goes on from there.
        let began = pending.compactMap { pending in
            switch pending.effect {
            case .warm(let version), .verify(let version): version
            case .prepare, .route, .drain, .stop: nil
            }
        }
        let later = pending.compactMap { pending in
            if case .prepare(let version) = pending.effect { version } else { nil }
        }
        for version in up
        where began.contains(version.number) && !later.contains(version.number) && shares[version.number] == nil {
            try await tryToRaise(version, number)
        }
    }

    /// Brings up what is kept up without requests: for rollbacks, or as a shadow.
    func raiseOthers(_ alias: String, _ number: Int) async throws {
        let shares = try store.read { try DeploymentTable.get($0, alias) }.traffic.allocation.shares
        for version in try store.read({ try VersionTable.all($0, alias) })
        where version.isUp && shares[version.number] == nil {
            try await tryToRaise(version, number)
        }
        unraised.remove(alias)
    }

    private func tryToRaise(_ version: ModelVersion, _ number: Int) async throws {
        do {
            try await raise(version, number)
        } catch let error as CancellationError {
            throw error
        } catch {
            logger.warning(
                "a version is not up",
                metadata: [
                    "alias": "\(version.alias)", "version": "\(version.number)", "problem": "\(error)",
                ])
        }
    }

    private func raise(_ version: ModelVersion, _ number: Int) async throws {
        try await alone(version.alias, version.number, number) {
            try await self.actuator.prepare(version)
            try await self.actuator.warm(version)
        }
    }
}
