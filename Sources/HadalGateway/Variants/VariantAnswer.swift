import Foundation
import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// Makes, copies and deletes variants of the served models, in the way of Ollama's store of models.
struct VariantAnswer: Sendable {
    let bodies: RequestBodyReader

    func response(
        to route: Route, _ request: Request, _ visit: Visit
    ) async throws -> Response {
        defer { visit.leave() }
        try Validation.checkJSONType(request)
        let json = try await bodies.json(request, visit.connection)
        // Disks take their time.
        return try await onOtherThreads { try await answer(route, json, visit.caller) }
    }

    private func answer(_ route: Route, _ json: JSON, _ caller: Caller) async throws -> Response {
        switch route {
        case .ollamaCreate: return try await create(try ModelCreation(json), caller)
        case .ollamaCopy: return try await copy(try ModelCopy(json), caller.deployments)
        case .ollamaDelete: return try await delete(try ModelCall(json), caller.deployments)
        case .ollamaPull: return try pull(try ModelCall(json), caller)
        default: throw GatewayError.noRoute(path: "\(route)")
        }
    }

    private func create(_ wanted: ModelCreation, _ caller: Caller) async throws -> Response {
        try await keep(wanted.name, field: "model", wanted.defaults, from: wanted.from, caller.deployments)
        return progress(["writing manifest", "success"], wanted.stream, caller.connection)
    }

    private func copy(_ wanted: ModelCopy, _ deployments: Deployments) async throws -> Response {
        try await keep(wanted.destination, field: "destination", ModelDefaults(), from: wanted.source, deployments)
        return Response(status: .ok)
    }

    private func keep(
        _ name: ModelName, field: String, _ defaults: ModelDefaults, from source: String, _ deployments: Deployments
    ) async throws {
        try checkIsNotServed(name.text, field: field, deployments)
        // What it leads to, who may use the alias need not be allowed to use otherwise.
        guard deployments.alias(named: source) == nil else {
            throw WireError.outOfRange(field: "from", expected: "a model; \"\(source)\" is an alias of routes")
        }
        let model = try deployments.deployment(named: source)
        let variant = ModelVariant(
            name: name, base: model.variant?.base ?? model.name, created: Int(Date().timeIntervalSince1970),
            defaults: try defaults.over(model.variant?.defaults ?? ModelDefaults()))
        try await deployments.variants.keep(variant)
    }

    private func delete(_ wanted: ModelCall, _ deployments: Deployments) async throws -> Response {
        try checkIsNotServed(wanted.model, field: "model", deployments)
        guard try await deployments.variants.delete(wanted.model) else {
            throw deployments.noSuchModel(wanted.model)
        }
        return Response(status: .ok)
    }

    /// What is here needs not to be fetched, and nothing else can be.
    private func pull(_ wanted: ModelCall, _ caller: Caller) throws -> Response {
        do throws(GatewayError) { _ = try caller.deployments.deployment(named: wanted.model) } catch {
            throw GatewayError.nothingToPull(wanted.model)
        }
        let steps = ["pulling manifest", "verifying sha256 digest", "writing manifest", "success"]
        return progress(steps, wanted.stream, caller.connection)
    }

    private func checkIsNotServed(
        _ name: String, field: String, _ deployments: Deployments
    ) throws(GatewayError) {
        guard deployments.served(named: name) == nil, deployments.alias(named: name) == nil else {
            throw .modelIsServed(name, field: field)
        }
    }

    /// All is done by now; clients want to read the steps.
    private func progress(_ steps: [String], _ streams: Bool, _ connection: ClientConnection) -> Response {
        guard streams else { return HTTPReply.json(OllamaReply.status("success")) }
        return HTTPReply.lines(to: connection) { reply in
            for step in steps { await reply.send(line: OllamaReply.status(step)) }
        }
    }
}
