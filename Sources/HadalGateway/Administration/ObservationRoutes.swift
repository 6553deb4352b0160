import Foundation
import HadalAccess
import HadalCertificates
import HadalConfiguration
import HadalHTTP
import HadalJSON
import HadalRouting
import HadalRules
import HadalWire
import Hummingbird

/// What is told of the running server beside who may use it.
struct Observation: Sendable {
    let usage: UsageStore
    let certificates: (@Sendable () -> CertificateStatus)?
    let configuration: AdministrationAnswer.Configuration?
    /// nil: answers are not given again.
    let cache: ResponseCache?
    /// nil: there are none to tell of.
    let workers: ServedWorkers?
    /// nil: there is no place to keep them.
    let releases: Releases?
    /// nil: nothing is backed up.
    let backup: (any BackupKeeper)?
    /// nil: nobody looks at the metrics.
    let alerts: (any AlertKeeper)?
    let routing: Routing

    func usage(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery("by", "from", "to", "tenant", "user", "key", "model")
        var query = UsageQuery(by: try call.dimensions(), from: try call.day("from"), to: try call.day("to"))
        for dimension in UsageDimension.allCases { query.only[dimension] = call.text(dimension.rawValue) }
        query = try call.administration.permitted(query, by: requester)
        if let name = query.only[.user] {
            let permission: Permission =
                requester.principal.permissions.contains(.viewOperations) ? .viewOperations : .viewAccess
            query.only[.user] = try call.administration.userID(
                named: name, permission, for: "usage.view", by: requester)
        }
        let rows = try await usage.report(query)
        let names = try call.administration.userNames()
        let data = rows.map { row -> JSON in
            var members = row.json(query.by).object ?? JSON.Object()
            if let id = members["user"]?.string { members["userName"] = names[id].map(JSON.string) }
            return .object(members)
        }
        return AdministrationReply.list(data, hasMore: false)
    }

    func certificateStatus(_ requester: Requester, _ call: AdministrationCall) throws -> Response {
        try call.checkQuery()
        try call.administration.checkMayLook(.viewCertificates, at: "certificates.view", by: requester)
        guard let certificates else {
            throw ErrorObject.invalidRequest(
                "this server has no TLS; see 'hadal certs' and tls in the configuration", code: "not_found", status: 404
            )
        }
        return HTTPReply.json(certificates().json)
    }

    func effectiveConfiguration(_ requester: Requester, _ call: AdministrationCall) throws -> Response {
        try call.checkQuery()
        try call.administration.checkMayLook(.viewConfiguration, at: "configuration.view", by: requester)
        return HTTPReply.json(try known().effective())
    }

    func reload(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        do {
            return HTTPReply.json(
                try await call.administration.recorded("configuration.reload", .manageConfiguration, by: requester) {
                    try await known().reload()
                })
        } catch let error as ConfigurationError {
            throw refusal("\(error)")
        } catch let error as RuleSetError {
            throw refusal("\(error)")
        } catch let error as RouteTableError {
            throw refusal("\(error)")
        }
    }

    private func refusal(_ problem: String) -> ErrorObject {
        .invalidRequest(
            "the configuration was not taken over: \(problem)", code: "invalid_configuration", status: 409)
    }

    private func known() throws -> AdministrationAnswer.Configuration {
        guard let configuration else {
            throw ErrorObject.invalidRequest(
                "this server was started without a configuration that it could tell of or read again",
                code: "not_found",
                status: 404)
        }
        return configuration
    }
}

extension AdministrationRoute {
    static let observation: [AdministrationRoute] = [
        AdministrationRoute(.get, "usage", .observe { try await $0.usage($1, $2) }),
        AdministrationRoute(.get, "certificates", .observe { try $0.certificateStatus($1, $2) }),
        AdministrationRoute(.get, "configuration", .observe { try $0.effectiveConfiguration($1, $2) }),
        AdministrationRoute(.post, "configuration/reload", .observe { try await $0.reload($1, $2) }),
    ]
}

extension AdministrationCall {
    fileprivate func dimensions() throws(WireError) -> [UsageDimension] {
        var dimensions: [UsageDimension] = []
        for word in (text("by") ?? "").split(separator: ",") {
            guard let dimension = UsageDimension(rawValue: String(word)), !dimensions.contains(dimension) else {
                let all = UsageDimension.allCases.map(\.rawValue).joined(separator: ", ")
                throw .outOfRange(field: "by", expected: "some of \(all), divided by commas")
            }
            dimensions.append(dimension)
        }
        return dimensions
    }

    fileprivate func day(_ name: String) throws(WireError) -> UTCDay? {
        guard let text = text(name) else { return nil }
        do { return try UTCDay(parsing: text) } catch {
            throw .outOfRange(field: name, expected: "a day such as 2026-11-01")
        }
    }
}

extension CertificateStatus {
    fileprivate var json: JSON {
        .compact([
            ("certificate", certificate.json), ("authority", authority?.json), ("renewal", renewal.map(JSON.time)),
            ("loaded", .time(loaded)), ("generation", .int(Int64(generation))), ("problem", problem.map(JSON.string)),
        ])
    }
}

extension CertificateFacts {
    fileprivate var json: JSON {
        .compact([
            ("commonName", commonName.map(JSON.string)), ("issuer", issuer.map(JSON.string)),
            ("names", .array(names.map { .string($0.description) })), ("notBefore", .time(notBefore)),
            ("notAfter", .time(notAfter)), ("serial", .string(serial)), ("fingerprint", .string(fingerprint)),
        ])
    }
}
