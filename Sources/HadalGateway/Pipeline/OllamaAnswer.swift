import Foundation
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// Answers as Ollama does.
struct OllamaAnswer: Sendable {
    let jobs: JobMaker

    // MARK: models

    func tags(_ deployments: Deployments) -> Response {
        HTTPReply.json(["models": .array(models(deployments).map(\.listed))])
    }

    func running(_ deployments: Deployments) -> Response {
        HTTPReply.json(["models": .array(models(deployments).filter { $0.model != nil }.map(\.running))])
    }

    func show(_ name: String, _ deployments: Deployments) throws -> Response {
        HTTPReply.json(model(try deployments.deployment(named: name)).shown)
    }

    private func models(_ deployments: Deployments) -> [OllamaReply.Model] { deployments.all.map(model) }

    private func model(_ deployment: Deployment) -> OllamaReply.Model {
        OllamaReply.Model(
            name: deployment.name, created: Date(timeIntervalSince1970: Double(deployment.created)),
            model: deployment.knownModel, variant: deployment.variant)
    }

    // MARK: generation

    private func job(_ request: OllamaRequest, _ deployment: Deployment, _ caller: Caller) -> Job? {
        let prompt: WorkerRequest.Prompt
        switch request.prompt {
        case .nothing: return nil
        case .messages(let messages):
            // A base model has no template: what it gets is the prompt.
            if !request.isChat, deployment.knownModel?.abilities.contains(.chat) == false {
                prompt = .plain(.text(messages.map(\.content).joined(separator: "\n\n")))
            } else {
                prompt = .messages(messages.map(\.json), variables: request.templateVariables)
            }
        case .infill(let before, let after): prompt = .infill(before: before, after: after)
        case .raw(let text): prompt = .plain(.text(text))
        }
        let job = WorkerRequest(id: RequestID.make("ollama"), prompt: prompt, request)
        return jobs.choices(job, deployment, caller)[0]
    }

    func response(
        to request: OllamaRequest, _ deployment: Deployment, _ visit: Visit
    ) async throws -> Response {
        let start = ContinuousClock.now
        let (model, isChat) = (request.model, request.isChat)
        @Sendable func line(_ piece: OllamaReply.Piece, end: [(String, JSON?)]? = nil) -> JSON {
            OllamaReply.line(piece, model: model, isChat: isChat, now: Date(), end: end)
        }
        @Sendable func end(_ summary: GenerationSummary) -> [(String, JSON?)] {
            OllamaReply.end(summary, totalSeconds: (ContinuousClock.now - start) / .seconds(1))
        }
        guard let job = job(request, deployment, visit.caller) else {
            visit.leave()
            return HTTPReply.json(line(.init(), end: OllamaReply.loaded))
        }
        guard request.stream else {
            defer { visit.leave() }
            let (choice, summary) = try await visit.connection.whileOpen {
                try await visit.generate(job, deployment).whole()
            }
            return HTTPReply.json(line(.init(choice), end: end(summary)))
        }
        // What the worker refuses is refused with a status, before the stream begins.
        let generation = try await visit.connection.whileOpen { try await visit.generate(job, deployment) }
        return HTTPReply.lines(to: visit.connection) { reply in
            defer { visit.leave() }
            do {
                var pieces = OllamaPieces()
                let summary = try await generation.forEachDelta { delta in
                    for piece in pieces.take(delta) { await reply.send(line: line(piece)) }
                }
                for piece in pieces.finish() { await reply.send(line: line(piece)) }
                await reply.send(line: line(.init(), end: end(summary)))
            } catch {
                await reply.sendLast(line: ErrorObject(any: error).ollamaJSON)
            }
        }
    }

    func embed(
        _ request: OllamaEmbedRequest, _ deployment: Deployment, _ visit: Visit
    ) async throws -> Response {
        defer { visit.leave() }
        let start = ContinuousClock.now
        let job = EmbedRequest(id: RequestID.make("embd"), inputs: request.inputs)
        let embeddings = try await visit.connection.whileOpen { try await visit.embed(job, deployment) }
        return HTTPReply.json(
            OllamaReply.embeddings(
                try embeddings.cut(to: request.dimensions), model: request.model, isSingle: request.isSingle,
                totalSeconds: (ContinuousClock.now - start) / .seconds(1)))
    }
}

/// Ollama tells of a tool call when it is whole.
private struct OllamaPieces {
    private var open: Choice.ToolCall?

    mutating func take(_ delta: GenerationDelta) -> [OllamaReply.Piece] {
        switch delta.part {
        case .call(let index, let name):
            guard let name else {
                open?.arguments += delta.text
                return []
            }
            let finished = finish()
            open = Choice.ToolCall(index: index, name: name, arguments: delta.text)
            return finished
        case .broken(let index, let whole):
            var piece = OllamaReply.Piece()
            piece.content = delta.text
            // The call that broke was not told yet.
            if let index, index == open?.index {
                open = nil
                piece.content = whole ?? delta.text
            }
            return finish() + [piece]
        case .content, .reasoning:
            guard !delta.text.isEmpty else { return [] }
            var piece = OllamaReply.Piece()
            if delta.part == .content { piece.content = delta.text } else { piece.thinking = delta.text }
            return finish() + [piece]
        }
    }

    mutating func finish() -> [OllamaReply.Piece] {
        guard let call = open else { return [] }
        open = nil
        var piece = OllamaReply.Piece()
        piece.calls = [call]
        return [piece]
    }
}
