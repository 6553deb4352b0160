import Foundation
import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird
import NIOCore

/// Answers that need no worker: the models, the server's health, a word of welcome.
struct InformationAnswer: Sendable {
    let readiness: Readiness
    let gate: RequestGate
    let ollama: OllamaAnswer
    let metrics: GatewayMetrics

    /// - Parameter accept: the header, by which metrics are written.
    /// - Returns: nil for routes that do need one.
    func response(
        to route: Route, _ caller: Caller, isHead: Bool, accept: String? = nil
    ) async throws -> Response? {
        let deployments = caller.deployments
        let response: Response
        switch route {
        case .home: response = HTTPReply.text(welcome(deployments))
        case .live: response = HTTPReply.json(["status": "alive"])
        case .ready: response = await ready(caller)
        case .metrics: response = await figures(MetricsText.Format(accept: accept))
        case .description: response = HTTPReply.json(APIDescription.json)
        case .models: response = HTTPReply.json(ModelList.json(deployments.all.map(entry)))
        case .model(let name): response = HTTPReply.json(entry(try deployments.deployment(named: name)).json)
        case .ollamaTags: response = ollama.tags(deployments)
        case .ollamaRunning: response = ollama.running(deployments)
        case .ollamaVersion: response = HTTPReply.json(["version": .string(OllamaReply.version)])
        case .ollamaPush: throw GatewayError.noModelStore
        default: return nil
        }
        return isHead ? Response(status: response.status, headers: response.headers) : response
    }

    private func entry(_ deployment: Deployment) -> ModelList.Entry {
        ModelList.Entry(id: deployment.name, created: deployment.created, model: deployment.knownModel)
    }

    /// 200 by `Readiness`. Who may see them reads each model's state, and what the workers tell of their engines where
    /// they do so at once.
    private func ready(_ caller: Caller) async -> Response {
        let isReady = gate.isOpen && readiness.isReady
        let status: JSON = gate.isOpen ? (isReady ? "ready" : "starting") : "draining"
        var members: [(String, JSON)] = [("status", status)]
        let shown = caller.deployments.served
        if caller.principal.permissions.contains(.listModels) {
            let states = shown.map { ($0.name, JSON.string($0.stateName)) }
            members.append(("models", .object(JSON.Object(states))))
        }
        if caller.principal.permissions.contains(.viewOperations) {
            let engines = await shown.engines().map { ($0.model, $0.figures.json) }
            members.append(("engines", .object(JSON.Object(engines))))
        }
        return HTTPReply.json(.object(JSON.Object(members)), status: isReady ? 200 : 503)
    }

    private func figures(_ format: MetricsText.Format) async -> Response {
        Response(
            status: .ok, headers: [.contentType: format.contentType],
            body: .init(byteBuffer: ByteBuffer(string: await metrics.text(format))))
    }

    private func welcome(_ deployments: Deployments) -> String {
        """
        Hadal serves DeepSeek models on this machine.

        GET  /v1/models
        POST /v1/chat/completions
        POST /v1/completions
        POST /v1/responses
        POST /v1/embeddings, /v1/rerank
        POST /v1/files, /v1/batches
        POST /anthropic/v1/messages
        POST /api/chat, /api/generate, /api/embed, /api/create
        POST /tokenize
        POST /detokenize
        GET  /health/live
        GET  /health/ready
        GET  /metrics
        GET  /openapi.json

        Models: \(deployments.all.map(\.name).joined(separator: ", "))

        """
    }
}
