import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird
import ServiceLifecycle

/// What looks at the metrics while the server runs, and tells people what is wrong.
public protocol AlertKeeper: Service {
    /// Alerts, silences, channels, the last events.
    var json: JSON { get }
    /// - Returns: the silence.
    /// - Throws: an error for people where there is no such rule, or something is missing.
    func silence(
        rule: String?, labels: [String: String], seconds: Double, who: String, why: String
    ) throws -> JSON
    /// - Returns: whether there was one.
    func removeSilence(id: String) -> Bool
    /// Sends one message to one channel, and waits for what comes of it.
    func test(channel: String) async throws
    /// Another process looks at what is served from now on.
    func giveAway()
}

/// Alerts: what fires, whom it is told to, and keeping them quiet for a while.
extension Observation {
    private static let silenceSecondsMax = 90.0 * 86_400

    func listAlerts(_ requester: Requester, _ call: AdministrationCall) throws -> Response {
        try call.checkQuery()
        try call.administration.checkMayLook(.viewOperations, at: "alerts.view", by: requester)
        return HTTPReply.json(try knownAlerts().json)
    }

    /// `{"rule": …, "labels": {…}, "seconds": …, "why": …}`
    func silenceAlerts(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        var fields = try call.fields()
        let rule = try fields.string("rule")
        let seconds = try fields.number("seconds", in: 1...Self.silenceSecondsMax)
        let why = try fields.requiredString("why")
        var labels: [String: String] = [:]
        for (name, value) in call.body?["labels"]?.object?.members ?? [] {
            guard let text = value.string else {
                throw WireError.wrongType(field: "labels.\(name)", expected: "a text")
            }
            labels[name] = text
        }
        guard let seconds else { throw WireError.wrongType(field: "seconds", expected: "a number") }
        let alerts = try knownAlerts()
        let silence = try await call.administration.recorded(
            "alerts.silence", target: rule ?? "", .manageOperations, by: requester
        ) {
            do {
                return try alerts.silence(
                    rule: rule, labels: labels, seconds: seconds, who: requester.principal.name, why: why)
            } catch { throw Self.refused("\(error)") }
        }
        return HTTPReply.json(silence)
    }

    func endSilence(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        let (id, alerts) = (call.name(), try knownAlerts())
        try await call.administration.recorded(
            "alerts.unsilence", target: id, .manageOperations, by: requester
        ) {
            guard alerts.removeSilence(id: id) else {
                throw ErrorObject.invalidRequest(
                    "there is no silence \"\(id.prefix(64))\"; GET /admin/v1/alerts lists them", code: "not_found",
                    status: 404)
            }
        }
        return HTTPReply.json(["id": .string(id), "ended": true])
    }

    func testChannel(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        let (name, alerts) = (call.name(), try knownAlerts())
        try await call.administration.recorded("alerts.test", target: name, .manageOperations, by: requester) {
            do { try await alerts.test(channel: name) } catch { throw Self.refused("\(error)") }
        }
        return HTTPReply.json(["channel": .string(name), "delivered": true])
    }

    private static func refused(_ problem: String) -> ErrorObject {
        .invalidRequest(problem, code: "alerts_refused", status: 409)
    }

    private func knownAlerts() throws(ErrorObject) -> any AlertKeeper {
        guard let alerts else {
            throw ErrorObject.invalidRequest(
                "this server does not look at its metrics; set alerts.enabled in the configuration (docs/alerts.md)",
                code: "not_found", status: 404)
        }
        return alerts
    }
}

extension AdministrationRoute {
    static let alerts: [AdministrationRoute] = [
        AdministrationRoute(.get, "alerts", .observe { try $0.listAlerts($1, $2) }),
        AdministrationRoute(.post, "alerts/silences", .observe(body: true) { try await $0.silenceAlerts($1, $2) }),
        AdministrationRoute(.post, "alerts/silences/*/end", .observe { try await $0.endSilence($1, $2) }),
        AdministrationRoute(.post, "alerts/channels/*/test", .observe { try await $0.testChannel($1, $2) }),
    ]
}
