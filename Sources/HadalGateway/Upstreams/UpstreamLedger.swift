import Foundation
import HadalJSON
import HadalUpstreams
import Synchronization

/// Where what an upstream was used for is kept: `upstreams/NAME.json` in the data directory.
public final class UpstreamLedger: Sendable {
    public let file: URL
    private let saved = Mutex<UpstreamBudget?>(nil)

    public init(data: URL, upstream: String) {
        file = data.appending(path: "upstreams", directoryHint: .isDirectory).appending(path: upstream + ".json")
    }

    /// - Returns: nil where nothing is kept, or it cannot be read.
    public func load() -> UpstreamBudget? {
        guard let data = try? Data(contentsOf: file), let json = try? JSON(parsing: data) else { return nil }
        return try? UpstreamBudget(json)
    }

    /// Writes it where it has changed: whole, or not at all.
    func save(_ budget: UpstreamBudget) throws {
        guard saved.withLock({ $0 != budget }) else { return }
        try StateFile.write(budget.json.bytes, privatelyTo: file)
        saved.withLock { $0 = budget }
    }
}
