import AsyncHTTPClient
import Foundation
import HadalJSON
import HadalWire
import NIOCore
import NIOHTTP1

/// Speaks to one worker.
struct WorkerClient: ModelClient {
    let continuesAnswers = true

    /// Of whole answers; streams have a limit for each event.
    private static let bodyBytesLimit = 256 << 20

    private let http: HTTPClients
    private let place: WorkerPlace
    private let model: String

    /// - Parameter model: the deployment's name, for errors.
    init(http: HTTPClients, place: WorkerPlace, model: String) {
        self.http = http
        self.place = place
        self.model = model
    }

    func describe() async throws -> WorkerModel {
        try WorkerModel(try await exchange(place.request("/model")))
    }

    func look() async throws -> WorkerModel {
        let health = try WorkerHealth(try await ask("/health"))
        guard health.state == .ready else { throw WorkerFailure(.draining, "it is stopping") }
        return try WorkerModel(try await ask("/model"))
    }

    private func ask(_ path: String) async throws -> JSON {
        let response = try await http.ofThisThread.execute(place.request(path), deadline: .now() + .seconds(5))
        let json = try JSON(parsing: try await response.body.collect(upTo: 1 << 20).readableBytesView)
        guard response.status == .ok else { throw try WorkerFailure(json) }
        return json
    }

    /// - Throws: also where the worker does not answer within a second.
    func health() async throws -> WorkerHealth {
        try WorkerHealth(
            try await exchange(place.request("/health"), deadline: .now() + .seconds(1)))
    }

    func embed(_ request: EmbedRequest) async throws -> Embeddings {
        try Embeddings(try await exchange(post("/embed", request.json)))
    }

    func tokenize(_ request: TokenizeRequest) async throws -> TokenizedPrompt {
        try TokenizedPrompt(try await exchange(post("/tokenize", request.json)))
    }

    func detokenize(_ request: DetokenizeRequest) async throws -> String {
        try await exchange(post("/detokenize", request.json))["text"]?.string ?? ""
    }

    /// Returns when the time is over; cancelling ends it.
    func profile(_ request: ProfileRequest) async throws -> WorkerProfile {
        try WorkerProfile(try await exchange(post("/profile", request.json)))
    }

    /// A worker takes any seed.
    func generate(_ request: WorkerRequest, hasOwnSeed: Bool) async throws -> WorkerStream {
        let response = try await execute(post("/generate", request.json))
        guard response.status == .ok else { throw try await failure(response) }
        return WorkerStream(source: .worker(response.body), model: model)
    }

    /// Its connections are those of all workers.
    func end() async {}

    private func post(_ path: String, _ json: JSON) -> HTTPClientRequest {
        var request = place.request(path)
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
