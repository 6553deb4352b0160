import Foundation
import HadalJSON

/// What the administration's API shows of releases. Shares are percent, times ISO 8601, durations seconds.
public enum ReleaseShapes {
    public static func deployment(_ deployment: ReleaseDeployment) -> JSON {
        .compact([
            ("alias", .string(deployment.alias)), ("stable", number(deployment.stable)),
            ("traffic", traffic(deployment.traffic)), ("settings", settings(deployment.settings)),
            ("created", time(deployment.created)),
        ])
    }

    public static func version(_ version: ModelVersion) -> JSON {
        .compact([
            ("alias", .string(version.alias)), ("number", number(version.number)),
            ("model", .string(version.content.model)), ("digest", .string(version.content.digest)),
            (
                "options",
                .object(JSON.Object(version.content.options.sorted { $0.key < $1.key }.map { ($0, .string($1)) }))
            ),
            ("created", time(version.created)), ("by", person(version.by)), ("note", .string(version.note)),
            ("isUp", .bool(version.isUp)), ("standbyUntil", version.standbyUntil.map(time)),
            ("served", version.served.map(time)), ("rolledBack", version.rolledBack.map(time)),
            ("pruned", version.pruned.map(time)),
        ])
    }

    /// - Parameter pending: what is yet to be carried out (`ReleaseStore.pending`).
    public static func rollout(_ rollout: Rollout, pending: [String] = []) -> JSON {
        .compact([
            ("id", .int(rollout.id)), ("alias", .string(rollout.alias)), ("kind", .string(rollout.plan.kind.rawValue)),
            ("state", .string(rollout.state.rawValue)), ("baseline", number(rollout.baseline)),
            ("candidate", number(rollout.candidate)), ("plan", plan(rollout.plan)),
            ("step", rollout.plan.kind == .canary ? number(rollout.step) : nil),
            ("stepBegan", rollout.stepBegan.map(time)), ("started", time(rollout.started)),
            ("by", person(rollout.by)), ("note", .string(rollout.note)), ("digest", .string(rollout.digest)),
            ("approvalUntil", rollout.approvalUntil.map(time)),
            (
                "approvals",
                .array(rollout.approvals.map { .compact([("by", person($0.by)), ("time", time($0.time))]) })
            ),
            ("pending", .array(pending.map(JSON.string))), ("ended", rollout.ended.map(time)),
            ("reason", rollout.reason.map(JSON.string)),
        ])
    }

    public static func event(_ event: ReleaseEvent) -> JSON {
        .compact([
            ("number", .int(event.number)), ("time", time(event.time)), ("alias", .string(event.alias)),
            ("rollout", event.rollout.map(JSON.int)), ("action", .string(event.action.rawValue)),
            ("by", person(event.by)), ("before", .string(event.before)), ("after", .string(event.after)),
            ("why", .string(event.why)),
        ])
    }

    /// Without the salt, which would let somebody choose their version.
    public static func traffic(_ traffic: Traffic) -> JSON {
        .compact([
            ("revision", .int(traffic.revision)),
            (
                "shares",
                .object(
                    JSON.Object(
                        traffic.allocation.shares.sorted { $0.key < $1.key }.map { ("\($0)", .double($1.percent)) }))
            ),
            ("stickiness", .string(traffic.stickiness.rawValue)),
            (
                "mirror",
                traffic.mirror.map {
                    .compact([("version", number($0.version)), ("share", .double($0.share.percent))])
                }
            ),
        ])
    }

    static func settings(_ settings: DeploymentSettings) -> JSON {
        .compact([
            (
                "approvals",
                .compact([
                    ("kinds", .array(settings.approvals.kinds.map(\.rawValue).sorted().map(JSON.string))),
                    ("required", number(settings.approvals.required)),
                    ("validSeconds", .double(settings.approvals.validSeconds)),
                ])
            ),
            ("guardrails", .array(settings.guardrails.map(guardrail))),
            ("keptVersions", number(settings.keptVersions)), ("standbySeconds", .double(settings.standbySeconds)),
        ])
    }

    static func person(_ person: ReleasePerson) -> JSON {
        .compact([("id", .string(person.id)), ("name", .string(person.name))])
    }

    static func time(_ date: Date) -> JSON { .string(date.ISO8601Format()) }
    static func number(_ value: Int) -> JSON { .int(Int64(value)) }
    static func number(_ value: Int?) -> JSON? { value.map { .int(Int64($0)) } }
}
