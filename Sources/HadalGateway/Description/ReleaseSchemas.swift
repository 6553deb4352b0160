import HadalJSON
import HadalReleases

/// Bodies of `/admin/v1/deployments`, `/admin/v1/releases` and `/admin/v1/feedback`. Shares are percent, durations
/// seconds, times ISO 8601.
extension APIDescription {
    private static let time: JSON = ["type": "string", "format": "date-time"]
    private static let share = number(0...100)
    private static let texts: JSON = ["type": "object", "additionalProperties": string]
    private static let shares: JSON = ["type": "object", "additionalProperties": number]
    private static let kinds = RolloutKind.allCases.map(\.rawValue)
    private static let stickiness = word(Stickiness.allCases.map(\.rawValue))
    private static let person = object(["id": string, "name": string])
    private static let positive = integer(1...1_000_000_000)

    private static let guardrail = object(
        ["metric": string],
        optional: [
            ("quantile", number), ("absolute", number), ("relative", number),
            ("minimumSamples", integer(2...1_000_000_000)),
        ])
    private static let step = object(
        ["share": share],
        optional: [("minimumSeconds", number), ("minimumRequests", positive), ("maximumSeconds", number)])
    private static let settings = object(
        [:],
        optional: [
            (
                "approvals",
                object(
                    [:],
                    optional: [
                        ("kinds", array(word(kinds))), ("required", integer(1...10)), ("validSeconds", number),
                    ])
            ), ("guardrails", array(guardrail)), ("keptVersions", integer(1...100)), ("standbySeconds", number),
        ])
    /// Of all kinds of rollouts together: each takes what it has.
    private static let plan = object(
        [:],
        optional: [
            ("steps", array(step)), ("guardrails", array(guardrail)), ("stickiness", stickiness), ("share", share),
            ("plannedSubjects", integer(2...1_000_000_000)), ("significance", number(0...0.2)),
            ("switchesByItself", boolean), ("similarFrom", number(0...1)),
        ])
    private static let traffic = object(
        ["revision": integer, "shares": shares, "stickiness": stickiness],
        further: ["mirror": object(["version": integer, "share": share])])
    private static let versionSchema = object(
        [
            "alias": string, "number": integer, "model": string, "digest": string, "options": texts, "created": time,
            "by": person, "note": string, "isUp": boolean,
        ], further: ["standbyUntil": time, "served": time, "rolledBack": time, "pruned": time])
    private static let rolloutSchema = object(
        [
            "id": integer, "alias": string, "kind": word(kinds),
            "state": word(
                "waiting", "preparing", "running", "promoting", "aborting", "promoted", "aborted", "ended", "refused"),
            "candidate": integer, "plan": plan, "started": time, "by": person, "note": string, "digest": string,
            "approvals": array(object(["by": person, "time": time])), "pending": array(string),
        ],
        further: [
            "baseline": integer, "step": integer, "stepBegan": time, "approvalUntil": time, "ended": time,
            "reason": string,
        ])
    private static let deploymentSchema = object(
        ["alias": string, "traffic": traffic, "settings": settings, "created": time],
        further: ["stable": integer, "rollout": reference("Rollout")])

    private static func list(_ element: String) -> JSON {
        object(["data": array(reference(element)), "hasMore": boolean])
    }

    static let releaseSchemas: [(String, JSON)] = [
        ("DeploymentSettings", settings), ("Deployment", deploymentSchema), ("DeploymentList", list("Deployment")),
        (
            "DeploymentDetails",
            ["allOf": [reference("Deployment"), object(["versions": array(reference("ModelVersion"))])]]
        ), ("NewDeployment", object(["alias": string], optional: [("settings", settings)])),
        ("ModelVersion", versionSchema),
        (
            "NewVersion",
            object(["model": string, "digest": string], optional: [("options", texts), ("note", string)])
        ), ("Rollback", object([:], optional: [("version", positive), ("why", string)])),
        ("ReleaseReason", object([:], optional: [("why", string)])),
        ("Approval", object(["digest": string])), ("Rollout", rolloutSchema), ("RolloutList", list("Rollout")),
        (
            "RolloutDetails",
            [
                "allOf": [
                    reference("Rollout"),
                    object(
                        [:],
                        further: [
                            "verdicts": array(anyObject), "shadow": anyObject, "loaded": number(0...1),
                            "requests": array(
                                object([
                                    "version": integer, "finished": integer, "errors": integer, "cancelled": integer,
                                ])),
                        ]),
                ]
            ]
        ),
        (
            "NewRollout",
            object(
                [
                    "alias": string, "kind": word(kinds.filter { $0 != RolloutKind.rollback.rawValue }),
                    "candidate": positive,
                ], optional: [("plan", plan), ("note", string)])
        ),
        (
            "ReleaseEvent",
            object(
                [
                    "number": integer, "time": time, "alias": string, "action": string, "by": person, "before": string,
                    "after": string, "why": string,
                ], further: ["rollout": integer])
        ), ("ReleaseEventList", list("ReleaseEvent")),
        ("ReleaseResults", object(["metrics": array(anyObject), "confusion": array(anyObject)])),
        (
            "LabelledAnswers",
            object([
                "answers": array(
                    object(["case": string, "version": positive, "actual": string, "predicted": string]), min: 1,
                    max: 10_000)
            ])
        ), ("Labelled", object(["answers": integer])),
        (
            "Feedback",
            object(
                ["request": string, "metric": string, "value": either(boolean, number)],
                optional: [
                    ("alias", string), ("rollout", positive), ("version", positive), ("subject", string),
                ])
        ), ("FeedbackTaken", object(["alias": string, "version": integer, "rollout": integer])),
    ]
}
