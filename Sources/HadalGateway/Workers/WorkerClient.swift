import AsyncHTTPClient
import Foundation
import HadalJSON
import HadalWire
import NIOCore
import NIOHTTP1

/// Speaks to one worker through its socket.
struct WorkerClient: Sendable {
    /// Of whole answers; streams have a limit for each event.
    private static let bodyBytesLimit = 256 << 20

    private let http: HTTPClients
    private let base: String
    private let model: String

    /// - Parameter model: the deployment's name, for errors.
    init(http: HTTPClients, socket: String, model: String) {
        self.http = http
        self.model = model
        let path = socket.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? socket
        base = "http+unix://\(path)"
    }

    func describe() async throws -> WorkerModel {
        try WorkerModel(try await exchange(HTTPClientRequest(url: base + "/model")))
    }

    /// - Throws: also where the worker does not answer within a second.
    func health() async throws -> WorkerHealth {
        try WorkerHealth(
            try await exchange(HTTPClientRequest(url: base + "/health"), deadline: .now() + .seconds(1)))
    }

    func embed(_ request: EmbedRequest, for visit: Visit) async throws -> Embeddings {
        let embeddings = try Embeddings(try await exchange(post("/embed", request.json)))
        visit.meter(Usage(promptTokens: embeddings.promptTokens))
        return embeddings
    }

    func tokenize(_ request: TokenizeRequest) async throws -> TokenizedPrompt {
        try TokenizedPrompt(try await exchange(post("/tokenize", request.json)))
    }

    func detokenize(_ request: DetokenizeRequest) async throws -> String {
        try await exchange(post("/detokenize", request.json))["text"]?.string ?? ""
    }

    /// Returns once the worker has accepted the request. Dropping what is returned ends the generation.
    /// - Parameter countsPrompt: false for further choices of a prompt that is counted already.
    func generate(
        _ request: WorkerRequest, for visit: Visit, countsPrompt: Bool = true
    ) async throws -> WorkerGeneration {
        let response = try await execute(post("/generate", request.json))
        guard response.status == .ok else { throw try await failure(response) }
        return WorkerGeneration(body: response.body, model: model, visit: visit, countsPrompt: countsPrompt)
    }

    private func post(_ path: String, _ json: JSON) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: base + path)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: json.bytes))
        return request
    }

    private func exchange(
        _ request: HTTPClientRequest, deadline: NIODeadline = .distantFuture
    ) async throws -> JSON {
        let response = try await execute(request, deadline: deadline)
        guard response.status == .ok else { throw try await failure(response) }
        return try await json(response)
    }

    private func execute(
        _ request: HTTPClientRequest, deadline: NIODeadline = .distantFuture
    ) async throws -> HTTPClientResponse {
        do {
            // An answer takes as long as it takes; who waits can go, and a worker that dies closes its socket.
            return try await http.ofThisThread.execute(request, deadline: deadline)
        } catch {
            throw Task.isCancelled ? CancellationError() : GatewayError.workerLost(model: model)
        }
    }

    private func json(_ response: HTTPClientResponse) async throws -> JSON {
        let bytes: ByteBuffer
        do { bytes = try await response.body.collect(upTo: Self.bodyBytesLimit) } catch {
            throw Task.isCancelled ? CancellationError() : GatewayError.workerLost(model: model)
        }
        do throws(JSONError) { return try JSON(parsing: bytes.readableBytesView) } catch {
            throw GatewayError.workerLost(model: model)
        }
    }

    private func failure(_ response: HTTPClientResponse) async throws -> WorkerFailure {
        try WorkerFailure(try await json(response))
    }
}

/// A generation that a worker has accepted.
struct WorkerGeneration: Sendable {
    fileprivate let body: HTTPClientResponse.Body
    fileprivate let model: String
    fileprivate let visit: Visit
    fileprivate let countsPrompt: Bool

    /// Gathers the answer.
    /// - Parameter text: what its content begins with.
    /// - Throws: as `forEachDelta` does.
    func whole(after text: String = "") async throws -> (Choice, GenerationSummary) {
        var choice = Choice()
        choice.content = text
        let summary = try await forEachDelta { choice.append($0) }
        choice.close(summary)
        return (choice, summary)
    }

    /// Gives the deltas as they come, until the generation is finished.
    /// - Parameter onStart: told how many tokens the prompt has, before any delta.
    /// - Throws: `WorkerFailure` where the worker gave up, `GatewayError.workerLost` where it broke off.
    func forEachDelta(
        onStart: (Int) async -> Void = { _ in }, _ body: (GenerationDelta) async -> Void
    ) async throws -> GenerationSummary {
        var parser = ServerSentEventParser()
        // Who hangs up has used what came until then.
        var usage = Usage()
        defer { visit.meter(usage, countsPrompt: countsPrompt) }
        do {
            for try await bytes in self.body {
                for event in try parser.feed(bytes.readableBytesView) {
                    switch try WorkerEvent(event) {
                    case .started(let promptTokens):
                        usage.promptTokens = promptTokens
                        await onStart(promptTokens)
                    case .delta(let delta):
                        usage.completionTokens += delta.tokens.count
                        await body(delta)
                    case .finished(let summary):
                        usage = summary.usage
                        return summary
                    case .failed(let failure): throw failure
                    case nil: break
                    }
                }
            }
        } catch let failure as WorkerFailure {
            throw failure
        } catch {
            throw Task.isCancelled ? CancellationError() : GatewayError.workerLost(model: model)
        }
        throw Task.isCancelled ? CancellationError() : GatewayError.workerLost(model: model)
    }
}
