import Foundation
import HadalJSON
import HadalUpstreams
import Synchronization

/// Where what an upstream was used for is kept: `upstreams/NAME.json` in the data directory. Several processes may write it,
/// as a server does that takes another one's place: what each has used adds up.
public final class UpstreamLedger: Sendable {
    public let file: URL
    /// What this process had counted when it read or wrote the file last.
    private let counted = Mutex<UpstreamBudget?>(nil)

    public init(data: URL, upstream: String) {
        file = data.appending(path: "upstreams", directoryHint: .isDirectory).appending(path: upstream + ".json")
    }

    /// - Returns: nil where nothing is kept, or it cannot be read.
    public func load() -> UpstreamBudget? {
        let budget = read()
        counted.withLock { $0 = budget }
        return budget
    }

    private func read() -> UpstreamBudget? {
        guard let data = try? Data(contentsOf: file), let json = try? JSON(parsing: data) else { return nil }
        return try? UpstreamBudget(json)
    }

    /// Writes it where it has changed: whole, or not at all.
    /// - Parameter budget: what `load` gave, and all that this process has used since.
    func save(_ budget: UpstreamBudget) throws {
        try counted.withLock { counted in
            guard counted != budget else { return }
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            let lock = open(file.path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard lock >= 0 else { throw Descriptor.failure }
            defer { close(lock) }
            while flock(lock, LOCK_EX) != 0 { guard errno == EINTR else { throw Descriptor.failure } }
            let sum = (read() ?? UpstreamBudget()).adding(budget, since: counted)
            try StateFile.write(sum.json.bytes, privatelyTo: file)
            counted = budget
        }
    }
}
