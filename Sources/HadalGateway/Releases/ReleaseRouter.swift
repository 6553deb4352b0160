import HadalReleases
import Synchronization

/// Which version of a release answers a request. A change counts for every request from then on, at once.
final class ReleaseRouter: Sendable {
    private struct State {
        var traffics: [String: Traffic] = [:]
        var versions: [VersionName: Deployment] = [:]

        func isUsable(_ alias: String) -> Bool {
            (traffics[alias]?.allocation.shares.keys).map { numbers in
                numbers.contains { versions[VersionName(alias, $0)]?.isUsable ?? false }
            } ?? false
        }
    }

    private let state = Mutex(State())

    /// Names that are served, or will be when their workers are up again.
    var aliases: [String] { state.withLock { $0.traffics.keys.sorted() } }

    /// It will be served: who asks for it meanwhile is told to come again.
    func expect(_ alias: String) { state.withLock { $0.traffics[alias] = $0.traffics[alias] ?? Traffic.none } }

    func isKnown(_ alias: String) -> Bool { state.withLock { $0.traffics[alias] != nil } }

    func traffic(of alias: String) -> Traffic? { state.withLock { $0.traffics[alias] } }

    /// Nothing where a later one counts already.
    func set(_ traffic: Traffic, of alias: String) {
        state.withLock { state in
            guard traffic.revision >= state.traffics[alias]?.revision ?? 0 else { return }
            state.traffics[alias] = traffic
        }
    }

    func add(_ deployment: Deployment, as version: VersionName) { state.withLock { $0.versions[version] = deployment } }

    func remove(_ version: VersionName) { state.withLock { $0.versions[version] = nil } }

    func version(_ version: VersionName) -> Deployment? { state.withLock { $0.versions[version] } }

    /// Whether a version that had a share of the requests has its model here, or has no share any more.
    func isTakenOver(_ version: VersionName) -> Bool {
        state.withLock { state in
            guard let traffic = state.traffics[version.alias], traffic.revision > 0 else { return false }
            return traffic.allocation.shares[version.number] == nil
                || state.versions[version]?.members.allSatisfy { $0.knownModel != nil } == true
        }
    }

    /// Which part of the requests each version answers, 0 to 1.
    var shares: [(version: VersionName, share: Double)] {
        state.withLock { state in
            state.traffics.sorted { $0.key < $1.key }.flatMap { alias, traffic in
                traffic.allocation.shares.sorted { $0.key < $1.key }.map { number, share in
                    (VersionName(alias, number), Double(share.basisPoints) / Double(TrafficShare.all.basisPoints))
                }
            }
        }
    }

    /// All whose workers are wanted, by name.
    var versions: [Deployment] {
        state.withLock { $0.versions.values.sorted { $0.served < $1.served } }
    }

    /// The version that answers. Its worker is not stopped while anybody holds what is returned.
    func deployment(_ alias: String, for asker: ReleaseAsker) -> Deployment? {
        state.withLock { state in
            guard let traffic = state.traffics[alias],
                let number = traffic.version(for: asker.subject(traffic.stickiness))
            else { return nil }
            return state.versions[VersionName(alias, number)]?.held()
        }
    }

    /// A version whatever the traffic is, held as `deployment` does; nil where its worker is not wanted.
    func trial(of version: VersionName) -> Deployment? {
        state.withLock { $0.versions[version]?.held().tried() }
    }

    /// Whether each name has a version that can be asked.
    var isReady: Bool {
        state.withLock { state in
            state.traffics.allSatisfy { alias, traffic in
                let isDown = traffic.revision > 0 && traffic.allocation.ranges.isEmpty
                return isDown || state.isUsable(alias)
            }
        }
    }

    /// Whether the name has a version that can be asked.
    func isUsable(_ alias: String) -> Bool { state.withLock { $0.isUsable(alias) } }
}

/// The released models as one asker gets them.
struct ReleasedModels: Sendable {
    let router: ReleaseRouter
    let asker: ReleaseAsker
    /// Whether they may ask for a version by its number.
    let mayTry: Bool

    var all: [Deployment] { router.aliases.compactMap(deployment(named:)) }

    func deployment(named alias: String) -> Deployment? { router.deployment(alias, for: asker) }
}
