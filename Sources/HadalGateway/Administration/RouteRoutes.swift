import Foundation
import HadalAccess
import HadalHTTP
import HadalJSON
import HadalRouting
import HadalWire
import Hummingbird

/// Routes, and what they would decide.
extension Observation {
    func routes(_ requester: Requester, _ call: AdministrationCall) throws -> Response {
        try call.checkQuery()
        try call.administration.checkMayLook(.viewOperations, at: "routes.view", by: requester)
        return HTTPReply.json(routing.status)
    }

    /// Asks nobody.
    func explainRoute(_ requester: Requester, _ call: AdministrationCall) throws -> Response {
        try call.checkQuery()
        try call.administration.checkMayLook(.viewOperations, at: "routes.explain", by: requester)
        var fields = try call.fields()
        let alias = try fields.requiredString("model")
        let time = try fields.time("time") ?? Date()
        let request = try RouteRequest(&fields)
        try fields.finish()
        guard let decision = routing.table.decide(alias, for: request, at: time) else {
            throw GatewayError.noSuch("route", alias, field: "model").errorObject
        }
        return HTTPReply.json(decision.json)
    }
}

extension RouteRequest {
    /// A request as it is described to be explained; what is not given is what an unremarkable one has.
    fileprivate init(_ fields: inout FieldReader) throws(WireError) {
        let counts = 0...1_000_000_000
        self.init(
            id: try fields.string("id") ?? "explain", tenant: try fields.string("tenant") ?? Principal.defaultTenant,
            user: try fields.string("user"), roles: Set(try fields.strings("roles") ?? []),
            promptTokens: try fields.int("prompt_tokens", in: counts) ?? 0,
            outputTokens: try fields.int("output_tokens", in: counts))
        if let amount = try fields.number("cost", in: 0...1e9) { cost = Decimal(amount) }
        for (index, word) in (try fields.strings("requires") ?? []).enumerated() {
            guard let feature = RouteFeature(rawValue: word) else {
                let known = RouteFeature.allCases.map(\.rawValue).joined(separator: ", ")
                throw .outOfRange(field: fields.field("requires[\(index)]"), expected: "one of \(known)")
            }
            features.insert(feature)
        }
        isBackground = try fields.bool("background") ?? false
        tags = Set(try fields.strings("tags") ?? [])
    }
}

extension AdministrationRoute {
    static let routes: [AdministrationRoute] = [
        AdministrationRoute(.get, "routes", .observe { try $0.routes($1, $2) }),
        AdministrationRoute(.post, "routes/explain", .observe(body: true) { try $0.explainRoute($1, $2) }),
    ]
}
