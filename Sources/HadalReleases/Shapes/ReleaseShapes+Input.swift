import Foundation
import HadalJSON

/// What the administration's API takes: the same members as it shows.
extension ReleaseShapes {
    public static func settings(_ json: JSON) throws(ReleaseError) -> DeploymentSettings {
        let input = try ReleaseInput(
            json, path: "settings", known: ["approvals", "guardrails", "keptVersions", "standbySeconds"])
        var settings = DeploymentSettings()
        if let json = input.json("approvals") {
            let part = try ReleaseInput(
                json, path: "settings.approvals", known: ["kinds", "required", "validSeconds"])
            for (index, kind) in (try part.array("kinds") ?? []).enumerated() {
                guard let kind = kind.string.flatMap(RolloutKind.init) else {
                    throw .invalid(
                        field: "settings.approvals.kinds[\(index)]",
                        problem: "must be one of " + RolloutKind.allCases.map(\.rawValue).joined(separator: ", "))
                }
                settings.approvals.kinds.insert(kind)
            }
            settings.approvals.required = try part.int("required") ?? settings.approvals.required
            settings.approvals.validSeconds = try part.double("validSeconds") ?? settings.approvals.validSeconds
        }
        settings.guardrails = try guardrails(input, "settings.guardrails") ?? settings.guardrails
        settings.keptVersions = try input.int("keptVersions") ?? settings.keptVersions
        settings.standbySeconds = try input.double("standbySeconds") ?? settings.standbySeconds
        try settings.check()
        return settings
    }

    /// - Returns: content and note of a version that is to be added.
    public static func newVersion(_ json: JSON) throws(ReleaseError) -> (content: VersionContent, note: String) {
        let input = try ReleaseInput(json, known: ["model", "digest", "options", "note"])
        let content = VersionContent(
            model: try input.required("model", try input.text("model")),
            digest: try input.required("digest", try input.text("digest")), options: try input.texts("options") ?? [:])
        try content.check()
        return (content, try input.text("note") ?? "")
    }

    /// - Returns: what a rollout that is asked for goes to, how, and why: `{"kind": …, "candidate": …, "plan": {…},
    ///   "note": …}`.
    public static func newRollout(
        _ json: JSON
    ) throws(ReleaseError) -> (candidate: Int, plan: RolloutPlan, note: String) {
        let input = try ReleaseInput(json, known: ["kind", "candidate", "plan", "note"])
        let kind: RolloutKind = try input.required("kind", try input.choice("kind"))
        let plan = try plan(kind, input.json("plan") ?? .object(JSON.Object()))
        try plan.check()
        return (
            try input.required("candidate", try input.int("candidate")), plan, try input.text("note") ?? ""
        )
    }

    /// `{"request": …, "version": …, "subject": …, "metric": …, "value": true | 4.5}`
    public static func feedback(_ json: JSON, now: Date) throws(ReleaseError) -> Feedback {
        let input = try ReleaseInput(json, known: ["request", "version", "subject", "metric", "value"])
        let value: Feedback.Value
        switch input.json("value") {
        case .bool(let bool): value = .binary(bool)
        case let json?:
            guard let number = json.double else {
                throw .invalid(field: "value", problem: "must be true, false or a number")
            }
            value = .numeric(number)
        case nil: throw .invalid(field: "value", problem: "is missing")
        }
        let feedback = Feedback(
            request: try input.required("request", try input.text("request")),
            version: try input.required("version", try input.int("version")),
            subject: try input.required("subject", try input.text("subject")),
            metric: try input.required("metric", try input.text("metric")), value: value, time: now)
        try feedback.check()
        return feedback
    }

    static func guardrails(_ input: ReleaseInput, _ path: String) throws(ReleaseError) -> [Guardrail]? {
        guard let list = try input.array("guardrails") else { return nil }
        var made: [Guardrail] = []
        for (index, json) in list.enumerated() { made.append(try guardrail(json, path: "\(path)[\(index)]")) }
        return made
    }

    private static func guardrail(_ json: JSON, path: String) throws(ReleaseError) -> Guardrail {
        let input = try ReleaseInput(
            json, path: path, known: ["metric", "quantile", "absolute", "relative", "minimumSamples"])
        let name = try input.required("metric", try input.text("metric"))
        let quantile = try input.double("quantile")
        let metric: Guardrail.Metric
        switch name {
        case "error_rate": metric = .errorRate
        case "refusal_rate": metric = .refusalRate
        case "firewall_rate": metric = .firewallRate
        case "loss_rate": metric = .lossRate
        case "tokens_per_second": metric = .tokensPerSecond
        case "time_to_first_token": metric = .timeToFirstToken(quantile: quantile ?? 0.95)
        case "total_latency": metric = .totalLatency(quantile: quantile ?? 0.95)
        default:
            guard name.hasPrefix("feedback."), name.utf8.count > 9 else {
                throw .invalid(
                    field: input.name("metric"),
                    problem: "must be error_rate, refusal_rate, firewall_rate, loss_rate, tokens_per_second, "
                        + "time_to_first_token, total_latency or feedback.NAME")
            }
            metric = .feedback(name: String(name.dropFirst(9)))
        }
        let guardrail = Guardrail(
            metric, absolute: try input.double("absolute"), relative: try input.double("relative"),
            minimumSamples: try input.int("minimumSamples") ?? 30)
        try guardrail.check()
        return guardrail
    }
}
