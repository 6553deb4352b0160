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

/// Runs a tenant's batches one after the other, oldest first, when it is time for them and nobody waits for anything else. Each line goes the way
/// of any other request of who made the batch, with the lowest priority.
struct BatchRunner: Sendable {
    let batches: BatchStore
    let files: FileStore
    let pipeline: CurrentPipeline
    let gate: RequestGate
    let schedule: BatchSchedule
    let logger: Logger

    static let linesMax = 50_000
    /// Lines at the same time: what keeps a batch of the engine full without standing in the way.
    private static let width = 8
    private static let retryPause: Duration = .seconds(1)
    /// Between two looks at the clock where it is not the time for batches.
    private static let clockPause: Duration = .seconds(1)

    func run() async {
        await cancelWhenGracefulShutdown {
            for await _ in batches.work() {
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
            let problem = BatchObject.Problem(code: "internal_error", message: ErrorObject(any: error).message)
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

    private func input(_ batch: BatchObject) async throws -> LineReader {
        LineReader(try await files.content(batch.inputFile, field: "input_file_id"))
    }

    private func validate(_ batch: BatchObject) async throws {
        var lines: LineReader
        do { lines = try await input(batch) } catch let error as GatewayError {
            logger.warning(
                "the input of a batch cannot be read", metadata: ["batch": "\(batch.id)", "error": "\(error)"])
            return try await fail(batch.id, [.init(code: "invalid_file", message: error.errorObject.message)])
        }
        var problems: [BatchObject.Problem] = []
        var seen: Set<String> = []
        var count = 0
        while let line = try lines.next() {
            count += 1
            guard problems.count < 100 else { continue }
            do {
                let request = try BatchLine(try Self.json(line), endpoint: batch.endpoint)
                if !seen.insert(request.customID).inserted {
                    problems.append(
                        .init(
                            code: "duplicate_custom_id",
                            message: "custom_id: \"\(request.customID)\" stands in an earlier line", field: "custom_id",
                            line: count))
                }
            } catch {
                let object = ErrorObject(any: error)
                problems.append(
                    .init(
                        code: object.code ?? "invalid_line", message: object.message, field: object.field,
                        line: count))
            }
        }
        if count == 0 { problems.append(.init(code: "empty_file", message: "the file has no requests")) }
        if count > Self.linesMax {
            problems.append(
                .init(
                    code: "too_many_requests", message: "the file has \(count) requests; at most \(Self.linesMax)"))
        }
        guard problems.isEmpty else { return try await fail(batch.id, problems) }
        try await batches.change(batch.id) { [count] batch, now in
            batch.total = count
            // Who cancelled it meanwhile is heard.
            if batch.status == .validating { batch.enter(.inProgress, now: now) }
        }
    }

    private static func json(_ line: ArraySlice<UInt8>) throws -> JSON {
        do throws(JSONError) { return try JSON(parsing: line, depthLimit: 64) } catch { throw WireError.notJSON(error) }
    }

    private func runLines(_ batch: BatchObject) async throws {
        let output = try batches.log(batch.id, isError: false)
        let errors = try batches.log(batch.id, isError: true)
        if output.wasCut || errors.wasCut {
            logger.warning(
                "an answer of a batch was not written whole; it is made anew", metadata: ["batch": "\(batch.id)"])
        }
        defer {
            try? output.close()
            try? errors.close()
        }
        let done = output.customIDs.union(errors.customIDs)
        await batches.count(batch.id, completed: output.count, failed: errors.count)
        var waiting = try await input(batch)
        try await withThrowingTaskGroup(of: Result?.self) { group in
            func startOne() throws {
                while let data = try waiting.next() {
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
        while try await mayBegin(batch.id) {
            guard let creator = await batches.creator(batch.id) else { return nil }
            if let (status, body) = try await answer(line, endpoint: batch.endpoint, asBatchOf: creator) {
                let json = line.result(id: RequestID.make("batch_req", "_"), status: status, body: body)
                return Result(customID: line.customID, status: status, json: json)
            }
            try await Task.sleep(for: Self.retryPause)
        }
        return nil
    }

    /// Returns when a line of a batch may be begun.
    /// - Returns: false where the batch is to end first.
    private func mayBegin(_ id: String) async throws -> Bool {
        while true {
            if schedule.isOpen() { await gate.quiet() }
            try Task.checkCancellation()
            let now = try await batches.batch(id)
            guard now.status == .inProgress, Date().timeIntervalSince1970 < Double(now.expires) else { return false }
            // It may have become late meanwhile.
            if schedule.isOpen() { return true }
            try await Task.sleep(for: Self.clockPause)
        }
    }

    /// What the pipeline answers; nil where it refuses for now.
    private func answer(
        _ line: BatchLine, endpoint: String, asBatchOf creator: Principal
    ) async throws -> (status: Int, body: JSON)? {
        var headers = HTTPFields()
        headers[.contentType] = "application/json"
        let head = HTTPRequest(
            method: .post, scheme: "http", authority: "localhost", path: endpoint, headerFields: headers)
        let body = ByteBuffer(string: line.body.text)
        let request = Request(head: head, body: RequestBody(buffer: body))
        let response = await pipeline.now.respond(to: request, ClientConnection(), asBatchOf: creator)
        try Task.checkCancellation()
        let status = response.status.code
        guard status != 429, status != 502, status != 503 else { return nil }
        let collector = Collector()
        try await response.body.write(Writer(collector: collector))
        return (status, try JSON(parsing: collector.bytes.readableBytesView))
    }

    /// Makes files of what came, then says how the batch ended.
    private func finish(_ batch: BatchObject) async throws {
        for isError in [false, true] {
            // Where it is not there, it is a file already.
            guard batches.hasLog(batch.id, isError: isError) else { continue }
            let log = try batches.log(batch.id, isError: isError)
            defer { try? log.close() }
            let count = log.count
            guard count > 0 else {
                try batches.removeLog(batch.id, isError: isError)
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
            // The log goes last: who is ended before that does it once more.
            let writer = try files.writer(id)
            try log.copy(to: writer)
            try writer.finish()
            try await files.add(id, bytes: writer.count, name: name, purpose: .batchOutput)
            try batches.removeLog(batch.id, isError: isError)
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
