import Foundation
import HadalAccess
import HadalJSON
import HadalWire
import Synchronization

/// Batches, each in a file of its own below `batches`, with what their requests have given so far beside it.
actor BatchStore {
    private let directory: URL
    private let kept: KeptFiles
    /// Batches that lie in plain.
    nonisolated let plainCount: Int
    private var batches: [String: BatchObject] = [:]
    /// Who asked for each.
    private var creators: [String: Principal] = [:]
    private let wake = Mutex<AsyncStream<Void>.Continuation?>(nil)

    init(_ data: URL, _ kept: KeptFiles) throws {
        self.kept = kept
        directory = data.appendingPathComponent("batches")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        var plainCount = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path)
        where name.hasSuffix(".json") {
            let url = directory.appendingPathComponent(name)
            do {
                let (text, isEncrypted) = try kept.read(url, as: Self.role(name))
                let json = try JSON(parsing: text)
                let batch = try BatchObject(json)
                if !isEncrypted { plainCount += 1 }
                batches[batch.id] = batch
                creators[batch.id] = try json["creator"].map(Principal.init) ?? .open
            } catch let error as GatewayError {
                throw error
            } catch {
                throw GatewayError.stateUnreadable(path: url.path, problem: "\(error)")
            }
        }
        self.plainCount = plainCount
    }

    /// Yields when there may be something to do, first at once. For one that works at a time: who asks again takes the place
    /// of who asked before.
    nonisolated func work() -> AsyncStream<Void> {
        let (work, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        continuation.yield()
        let before = wake.withLock { wake in
            defer { wake = continuation }
            return wake
        }
        before?.finish()
        return work
    }

    private func wakeUp() { wake.withLock { _ = $0?.yield() } }

    private static func role(_ name: String) -> String { "batches/" + name }

    func create(_ request: BatchRequest, by principal: Principal) throws -> BatchObject {
        let batch = BatchObject(id: RequestID.make("batch", "_"), request, now: now)
        creators[batch.id] = principal
        try save(batch)
        wakeUp()
        return batch
    }

    /// Newest first.
    var all: [BatchObject] { batches.values.sorted { ($1.created, $1.id) < ($0.created, $0.id) } }

    func batch(_ id: String) throws(GatewayError) -> BatchObject {
        guard let batch = batches[id] else { throw .noSuch("batch", id, field: nil) }
        return batch
    }

    func creator(_ id: String) -> Principal? { creators[id] }

    /// The oldest that something is to be done for.
    var next: BatchObject? { all.last { $0.status.isOpen } }

    func cancel(_ id: String) throws -> BatchObject {
        var batch = try batch(id)
        guard batch.status == .validating || batch.status == .inProgress || batch.status == .cancelling else {
            throw GatewayError.batchEnded(id, status: batch.status)
        }
        if batch.status != .cancelling { batch.enter(.cancelling, now: now) }
        try save(batch)
        wakeUp()
        return batch
    }

    @discardableResult
    func change(_ id: String, _ change: @Sendable (inout BatchObject, _ now: Int) -> Void) throws -> BatchObject {
        var batch = try batch(id)
        change(&batch, now)
        try save(batch)
        return batch
    }

    /// What is in its logs by now, which tell it again after a restart.
    func count(_ id: String, completed: Int, failed: Int) {
        batches[id]?.completed = completed
        batches[id]?.failed = failed
    }

    /// Opens what gathers lines of its output, or of its errors.
    nonisolated func log(_ id: String, isError: Bool) throws -> BatchLog {
        let part = part(id, isError: isError)
        return try BatchLog(part, as: Self.role(part.lastPathComponent), kept)
    }

    nonisolated func hasLog(_ id: String, isError: Bool) -> Bool {
        FileManager.default.fileExists(atPath: part(id, isError: isError).path)
    }

    nonisolated func removeLog(_ id: String, isError: Bool) throws {
        try FileManager.default.removeItem(at: part(id, isError: isError))
    }

    private nonisolated func part(_ id: String, isError: Bool) -> URL {
        directory.appendingPathComponent(id + (isError ? ".errors" : ".output") + ".jsonl")
    }

    private var now: Int { Int(Date().timeIntervalSince1970) }

    private func save(_ batch: BatchObject) throws {
        var members = batch.json.object ?? JSON.Object()
        members["creator"] = creators[batch.id]?.json
        let name = batch.id + ".json"
        try kept.write(
            JSON.object(members).text, to: directory.appendingPathComponent(name), as: Self.role(name))
        batches[batch.id] = batch
    }
}
