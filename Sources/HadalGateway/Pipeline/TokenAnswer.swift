import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// Shows what texts and conversations are to a model: `/tokenize` and `/detokenize` in vLLM's shape.
struct TokenAnswer: Sendable {
    func tokenize(
        _ call: TokenizeCall, _ deployment: Deployment, _ visit: Visit
    ) async throws -> Response {
        defer { visit.leave() }
        var job = TokenizeRequest(WorkerRequest(id: RequestID.make("tok"), prompt: call.prompt))
        job.request.tools = call.tools
        job.request.continuesLast = call.continuesLast
        job.request = deployment.filled(job.request)
        job.addsSpecialTokens = call.addsSpecialTokens
        let prompt = try await visit.connection.whileOpen { [job] in try await deployment.tokenize(job) }
        return HTTPReply.json(
            .compact([
                ("count", .int(Int64(prompt.tokens.count))),
                ("max_model_len", deployment.knownModel.map { .int(Int64($0.contextLength)) }),
                ("tokens", .array(prompt.tokens.map { .int(Int64($0)) })),
                ("token_strs", call.returnsTexts ? .array(prompt.texts.map(JSON.string)) : nil),
            ]))
    }

    func detokenize(
        _ call: DetokenizeCall, _ deployment: Deployment, _ visit: Visit
    ) async throws -> Response {
        defer { visit.leave() }
        let text = try await visit.connection.whileOpen { try await deployment.text(of: call.tokens) }
        return HTTPReply.json(["prompt": .string(text)])
    }
}
