import Foundation
import Synchronization

/// Gathers observations of the rollouts that are under way, between requests' tasks and the controller. Holds two
/// windows for each of them and nothing of other versions.
final class ObservationBook: Sendable {
    struct Key: Sendable, Hashable {
        var rollout: Int64
        var step: Int
        var version: Int
    }

    private struct Open {
        var key: Key
        var began: Date
        var window: VersionWindow
        var isChanged: Bool
    }

    private struct Place: Hashable {
        var alias: String
        var version: Int
    }

    private let open = Mutex<[Place: Open]>([:])

    /// Takes microseconds.
    func add(_ observation: Observation) {
        let place = Place(alias: observation.alias, version: observation.version)
        open.withLock { open in
            guard let began = open[place]?.began, observation.began >= began else { return }
            open[place]?.window.add(observation)
            open[place]?.isChanged = true
        }
    }

    /// From now on, observations of these versions of the alias are counted, and of no others.
    /// - Parameter windows: as they were kept; those that are open already stay as they are.
    func watch(_ alias: String, began: Date, _ windows: [(key: Key, window: VersionWindow)]) {
        open.withLock { open in
            var made = open.filter { $0.key.alias != alias }
            for (key, window) in windows {
                let place = Place(alias: alias, version: key.version)
                if let known = open[place], known.key == key {
                    made[place] = known
                } else {
                    made[place] = Open(key: key, began: began, window: window, isChanged: false)
                }
            }
            open = made
        }
    }

    func rollout(measuring version: Int, of alias: String) -> Int64? {
        open.withLock { $0[Place(alias: alias, version: version)]?.key.rollout }
    }

    func window(_ key: Key, alias: String) -> VersionWindow? {
        open.withLock { open in
            guard let found = open[Place(alias: alias, version: key.version)], found.key == key else { return nil }
            return found.window
        }
    }

    /// Those that have changed since they were last taken.
    func takeChanged() -> [(key: Key, window: VersionWindow)] {
        open.withLock { open in
            var changed: [(key: Key, window: VersionWindow)] = []
            for (place, entry) in open where entry.isChanged {
                changed.append((entry.key, entry.window))
                open[place]?.isChanged = false
            }
            return changed
        }
    }

    /// After they could not be kept.
    func putBack(_ keys: [Key]) {
        open.withLock { open in
            for (place, entry) in open where keys.contains(entry.key) { open[place]?.isChanged = true }
        }
    }
}
