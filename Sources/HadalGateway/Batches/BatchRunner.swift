import Foundation
import HTTPTypes
import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// Runs a tenant's batches one after the other, oldest first, while nobody waits for anything else. Each line goes the way
/// of any other request of who made the batch, with the lowest priority.
struct BatchRunner: Sendable {
    let batches: BatchStore
    let files: FileStore
    let pipeline: CurrentPipeline
    let gate: RequestGate
    let logger: Logger

    static let linesMax = 50_000
    /// Lines at the same time: what keeps a batch of the engine full without standing in the way.
    private static let width = 8
    private static let retryPause: Duration = .seconds(1)

    func run() async {
        await cancelWhenGracefulShutdown {
            for await _ in batches.work {
                while !Task.isCancelled, let batch = await batches.next {
                    guard await goesOn(with: batch) else { break }
                }
            }
        }
    }

    /// - Returns: false where nothing more can be done now: the server stops, and the batch goes on after the next start, or
    ///   what became of it cannot be written.
    private func goesOn(with batch: BatchObject) async -> Bool {
        do {
            try await advance(batch)
            return true
        } catch is CancellationError {
            return false
        } catch {
            logger.error("a batch failed", metadata: ["batch": "\(batch.id)", "error": "\(error)"])
            let problem = BatchObject.Problem(code: "internal_error", message: "\(error)")
            return (try? await fail(batch.id, [problem])) != nil
        }
    }

    private func fail(_ id: String, _ problems: [BatchObject.Problem]) async throws {
        try await batches.change(id) { batch, now in
            batch.problems = problems
            batch.enter(.failed, now: now)
        }
    }

    /// Does what is next for a batch.
    private func advance(_ batch: BatchObject) async throws {
        switch batch.status {
        case .validating: try await validate(batch)
        case .inProgress: try await runLines(batch)
        case .cancelling, .finalizing: try await finish(batch)
        case .failed, .completed, .expired, .cancelled: break
        }
    }

    // MARK: steps

    private func input(_ batch: BatchObject) async throws -> [Data] {
        let content = try await files.content(batch.inputFile, field: "input_file_id")
        let data = try Data(contentsOf: content, options: .mappedIfSafe)
        return data.split(separator: UInt8(ascii: "\n")).filter { line in
            line.contains { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\t") }
        }
    }

    private func validate(_ batch: BatchObject) async throws {
        let lines: [Data]
        do { lines = try await input(batch) } catch let error as GatewayError {
            return try await fail(batch.id, [.init(code: "invalid_file", message: error.description)])
        }
        var problems: [BatchObject.Problem] = []
        var seen: Set<String> = []
        for (index, line) in lines.enumerated() where problems.count < 100 {
            do {
                let request = try BatchLine(try Self.json(line), endpoint: batch.endpoint)
                if !seen.insert(request.customID).inserted {
                    problems.append(
                        .init(
                            code: "duplicate_custom_id",
                            message: "custom_id: \"\(request.customID)\" stands in an earlier line", field: "custom_id",
                            line: index + 1))
                }
            } catch {
                let object = ErrorObject(any: error)
                problems.append(
                    .init(
                        code: object.code ?? "invalid_line", message: object.message, field: object.field,
                        line: index + 1))
            }
        }
        if lines.isEmpty { problems.append(.init(code: "empty_file", message: "the file has no requests")) }
        if lines.count > Self.linesMax {
            problems.append(
                .init(
                    code: "too_many_requests", message: "the file has \(lines.count) requests; at most \(Self.linesMax)"
                )
            )
        }
        guard problems.isEmpty else { return try await fail(batch.id, problems) }
        try await batches.change(batch.id) { batch, now in
            batch.total = lines.count
            // Who cancelled it meanwhile is heard.
            if batch.status == .validating { batch.enter(.inProgress, now: now) }
        }
    }

    private static func json(_ line: Data) throws -> JSON {
        do throws(JSONError) { return try JSON(parsing: line, depthLimit: 64) } catch { throw WireError.notJSON(error) }
    }

    private func runLines(_ batch: BatchObject) async throws {
        let output = try BatchLog(batches.part(batch.id, isError: false))
        let errors = try BatchLog(batches.part(batch.id, isError: true))
        defer {
            try? output.close()
            try? errors.close()
        }
        let done = output.customIDs.union(errors.customIDs)
        await batches.count(batch.id, completed: output.count, failed: errors.count)
        var waiting = try await input(batch).makeIterator()
        try await withThrowingTaskGroup(of: Result?.self) { group in
            func startOne() throws {
                while let data = waiting.next() {
                    let line = try BatchLine(try Self.json(data), endpoint: batch.endpoint)
                    if done.contains(line.customID) { continue }
                    group.addTask { try await result(of: line, batch) }
                    return
                }
            }
            for _ in 0..<Self.width { try startOne() }
            while let result = try await group.next() {
                // The batch is to end.
                guard let result else { continue }
                try (result.status == 200 ? output : errors).append(result.json, customID: result.customID)
                await batches.count(batch.id, completed: output.count, failed: errors.count)
                try startOne()
            }
        }
        if try await batches.batch(batch.id).status == .inProgress {
            try await batches.change(batch.id) { batch, now in batch.enter(.finalizing, now: now) }
        }
    }

    private struct Result: Sendable {
        var customID: String
        var status: Int
        var json: JSON
    }

    /// - Returns: nil where the batch is to end before this line.
    private func result(of line: BatchLine, _ batch: BatchObject) async throws -> Result? {
        await gate.quiet()
        try Task.checkCancellation()
        let now = try await batches.batch(batch.id)
        guard now.status == .inProgress, Date().timeIntervalSince1970 < Double(now.expires) else { return nil }
        guard let creator = await batches.creator(batch.id) else { return nil }
        let (status, body) = try await answer(line, endpoint: batch.endpoint, asBatchOf: creator)
        let json = line.result(id: RequestID.make("batch_req", "_"), status: status, body: body)
        return Result(customID: line.customID, status: status, json: json)
    }

    /// What the pipeline answers. Refusals that pass by themselves are tried again.
    private func answer(
        _ line: BatchLine, endpoint: String, asBatchOf creator: Principal
    ) async throws -> (status: Int, body: JSON) {
        var headers = HTTPFields()
        headers[.contentType] = "application/json"
        let head = HTTPRequest(
            method: .post, scheme: "http", authority: "localhost", path: endpoint, headerFields: headers)
        let body = ByteBuffer(string: line.body.text)
        while true {
            let request = Request(head: head, body: RequestBody(buffer: body))
            let response = await pipeline.now.respond(to: request, ClientConnection(), asBatchOf: creator)
            try Task.checkCancellation()
            let status = response.status.code
            guard status == 429 || status == 502 || status == 503 else {
                let collector = Collector()
                try await response.body.write(Writer(collector: collector))
                return (status, try JSON(parsing: collector.bytes.readableBytesView))
            }
            try await Task.sleep(for: Self.retryPause)
        }
    }

    /// Makes files of what came, then says how the batch ended.
    private func finish(_ batch: BatchObject) async throws {
        for isError in [false, true] {
            let part = batches.part(batch.id, isError: isError)
            // Where it is not there, it is a file already.
            guard FileManager.default.fileExists(atPath: part.path) else { continue }
            let log = try BatchLog(part)
            try log.close()
            let count = log.count
            guard count > 0 else {
                try FileManager.default.removeItem(at: part)
                continue
            }
            // The name is kept first, so that a process that ends here finds its file again.
            let id = (isError ? batch.errorFile : batch.outputFile) ?? RequestID.make("file")
            try await batches.change(batch.id) { batch, _ in
                if isError {
                    (batch.errorFile, batch.failed) = (id, count)
                } else {
                    (batch.outputFile, batch.completed) = (id, count)
                }
            }
            let name = "\(batch.id)_\(isError ? "error" : "output").jsonl"
            try await files.adopt(id, from: part, name: name, purpose: .batchOutput)
        }
        try await batches.change(batch.id) { batch, now in
            let isWhole = batch.completed + batch.failed == batch.total
            batch.enter(batch.status == .cancelling ? .cancelled : isWhole ? .completed : .expired, now: now)
        }
    }
}

/// Takes a response that goes to no client.
private final class Collector: @unchecked Sendable {
    var bytes = ByteBuffer()
}

private struct Writer: ResponseBodyWriter {
    let collector: Collector

    mutating func write(_ buffer: ByteBuffer) async throws { collector.bytes.writeImmutableBuffer(buffer) }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
