import Foundation
import HadalAccess
import HadalJSON
import HadalWire

/// Batches, each in a file of its own below `batches`, with what their requests have given so far beside it.
actor BatchStore {
    private let directory: URL
    private var batches: [String: BatchObject] = [:]
    /// Who asked for each.
    private var creators: [String: Principal] = [:]
    /// Yields when there may be something to do.
    nonisolated let work: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init(_ data: URL) throws {
        directory = data.appendingPathComponent("batches")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        (work, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path)
        where name.hasSuffix(".json") {
            let url = directory.appendingPathComponent(name)
            do {
                let json = try JSON(parsing: try Data(contentsOf: url))
                let batch = try BatchObject(json)
                batches[batch.id] = batch
                creators[batch.id] = try json["creator"].map(Principal.init) ?? .open
            } catch {
                throw GatewayError.stateUnreadable(path: url.path, problem: "\(error)")
            }
        }
        wake.yield()
    }

    func create(_ request: BatchRequest, by principal: Principal) throws -> BatchObject {
        let batch = BatchObject(id: RequestID.make("batch", "_"), request, now: now)
        creators[batch.id] = principal
        try save(batch)
        wake.yield()
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
        wake.yield()
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

    /// Where lines of its output, or of its errors, are gathered.
    nonisolated func part(_ id: String, isError: Bool) -> URL {
        directory.appendingPathComponent(id + (isError ? ".errors" : ".output") + ".jsonl")
    }

    private var now: Int { Int(Date().timeIntervalSince1970) }

    private func save(_ batch: BatchObject) throws {
        var members = batch.json.object ?? JSON.Object()
        members["creator"] = creators[batch.id]?.json
        try StateFile.write(JSON.object(members).text, to: directory.appendingPathComponent(batch.id + ".json"))
        batches[batch.id] = batch
    }
}
