import HadalJSON

/// `/admin/v1/deployments`, `/admin/v1/releases` and `/admin/v1/feedback`.
extension APIDescription {
    static let releasePaths: [(String, JSON)] = [
        (
            "deployments",
            [
                look("listDeployments", "Names behind which versions take each other's place.", "DeploymentList", page),
                act(
                    "createDeployment", "Make such a name; it is served when a first version is released.",
                    "NewDeployment", "Deployment", 201),
            ]
        ),
        ("deployments/{name}", [look("getDeployment", "A deployment and its versions.", "DeploymentDetails", [name])]),
        (
            "deployments/{name}/settings",
            [
                act(
                    "configureDeployment", "Set how it is released: all settings, those left out as by themselves.",
                    "DeploymentSettings", "Deployment", 200, [name])
            ]
        ),
        (
            "deployments/{name}/versions",
            [act("addVersion", "Add a version; nothing is started yet.", "NewVersion", "ModelVersion", 201, [name])]
        ),
        (
            "deployments/{name}/rollback",
            [
                act(
                    "rollBack", "Back to an earlier version, from whatever is under way.", "Rollback", "Rollout", 202,
                    [name, code])
            ]
        ),
        (
            "releases",
            [
                look(
                    "listReleases", "Rollouts, newest first.", "RolloutList",
                    [
                        query("alias", string), query("after", integer(1...Int(Int32.max))),
                        query("limit", integer(1...999)),
                    ]),
                act(
                    "startRelease", "Begin a rollout; the answer comes before it is carried out.", "NewRollout",
                    "Rollout", 202),
            ]
        ),
        ("releases/{id}", [look("getRelease", "A rollout, and what it has measured.", "RolloutDetails", [id])]),
        (
            "releases/{id}/events",
            [
                look(
                    "listReleaseEvents", "What happened, newest first.", "ReleaseEventList",
                    [id, query("after", integer(1...Int(Int32.max))), query("limit", integer(1...999))])
            ]
        ),
        (
            "releases/{id}/results",
            [look("getReleaseResults", "Tests of business metrics, and confusion matrices.", "ReleaseResults", [id])]
        ),
        (
            "releases/{id}/approve",
            [act("approveRelease", "Approve what another person asked for.", "Approval", "Rollout", 202, [id])]
        ),
        (
            "releases/{id}/labels",
            [
                act(
                    "labelRelease", "Give what versions answered on a set whose right answers are known.",
                    "LabelledAnswers", "Labelled", 200, [id])
            ]
        ),
        ("feedback", [act("giveFeedback", "Say what became of an answer.", "Feedback", "FeedbackTaken", 200)]),
        decision("promote", "Send all requests to the candidate."),
        decision("abort", "Send all requests back to the baseline."),
        decision("finish", "End an A/B test or a shadow; the baseline serves on."),
        decision("refuse", "Do not approve it, or take one's own request back."),
    ].map { path, operations in ("/admin/v1/" + path, .object(JSON.Object(operations))) }

    private static let refusals = [400, 404, 408, 409, 413, 415, 421, 429, 500, 501, 503]
    private static let code: JSON = ["name": "X-Hadal-OTP", "in": "header", "schema": string]
    private static let page = [query("after", string), query("limit", integer(1...1000))]
    private static let name: JSON = [
        "name": "name", "in": "path", "required": true, "schema": ["type": "string", "minLength": 1],
    ]
    private static let id: JSON = [
        "name": "id", "in": "path", "required": true, "schema": integer(1...Int(Int32.max)),
    ]

    private static func look(
        _ id: String, _ summary: String, _ reply: String, _ parameters: [JSON] = []
    ) -> Operation {
        operation("get", id, summary, parameters: parameters, answers: answer(reply), refusals: refusals)
    }

    private static func act(
        _ id: String, _ summary: String, _ request: String, _ reply: String, _ status: Int, _ parameters: [JSON] = []
    ) -> Operation {
        operation(
            "post", id, summary, parameters: parameters, body: answer(request), answers: answer(reply), status: status,
            refusals: refusals)
    }

    private static func decision(_ word: String, _ summary: String) -> (String, [Operation]) {
        ("releases/{id}/\(word)", [act("\(word)Release", summary, "ReleaseReason", "Rollout", 202, [id])])
    }
}
