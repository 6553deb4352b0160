import HadalJSON
import HadalWire

/// `/admin/v1/…`.
extension APIDescription {
    static let administrationPaths: [(String, JSON)] = [
        (
            "session",
            [
                shown("getSession", "Who one is, and the token against forged requests.", "Session"),
                made("logIn", "Begin a session, as a cookie.", "LogIn", "NewSession"),
                gone("logOut", "End the session that one comes with."),
            ]
        ),
        (
            "session/second-factor",
            [act("post", "showSecondFactor", "Show a second factor for a while.", "Code", "SecondFactorTime")]
        ),
        (
            "session/openid",
            [
                operation(
                    "get", "logInAtProvider", "Begin a session at an OpenID provider.", answers: [:], status: 302,
                    refusals: common)
            ]
        ),
        (
            "session/openid/callback",
            [
                operation(
                    "get", "finishLogIn", "Where the provider sends the browser back to.",
                    answers: answer("NewSession"),
                    status: 201, refusals: common)
            ]
        ),
        ("me", [shown("getMe", "Who one is, and what one may do.", "Principal")]),
        ("me/password", [silent("put", "changeOwnPassword", "Change one's password.", "PasswordChange")]),
        (
            "me/second-factor",
            [
                act(
                    "post", "beginSecondFactor", "Get a secret for an authenticator.", "OwnPassword",
                    "SecondFactorSecret"),
                act("put", "confirmSecondFactor", "Show a first code of it.", "Code", "RecoveryCodes"),
                gone("removeSecondFactor", "Take one's own second factor away, with a code of it."),
            ]
        ),
        (
            "me/second-factor/recovery-codes",
            [
                operation(
                    "post", "renewRecoveryCodes", "Get new recovery codes.", parameters: [code],
                    answers: answer("RecoveryCodes"), refusals: common)
            ]
        ),
        (
            "me/keys",
            [
                listed("listOwnKeys", "One's keys.", "KeyList"),
                made("createOwnKey", "Make a key that acts for oneself.", "OwnKeyRequest", "NewKey"),
            ]
        ),
        (
            "me/sessions",
            [listed("listOwnSessions", "One's sessions.", "SessionList"), gone("endOwnSessions", "End them all.")]
        ),
        ("me/sessions/{id}", [gone("endOwnSession", "End a session.", [id])]),
        (
            "users",
            [listed("listUsers", "The users.", "UserList"), made("createUser", "Add a user.", "NewUser", "User")]
        ),
        (
            "users/{name}",
            [
                shown("getUser", "A user.", "User", [name]),
                act("patch", "changeUser", "Change a user.", "UserChange", "User", [name]),
                gone("deleteUser", "Remove a user, with all keys and sessions.", [name]),
            ]
        ),
        (
            "users/{name}/password",
            [
                silent("put", "setPassword", "Set a user's password.", "NewPassword", [name]),
                gone("removePassword", "Take a user's password away.", [name]),
            ]
        ),
        (
            "users/{name}/second-factor",
            [gone("resetSecondFactor", "Take away a user's second factor, which was lost.", [name])]
        ),
        ("users/{name}/lock", [gone("unlockUser", "Forget a user's wrong attempts.", [name])]),
        (
            "users/{name}/sessions",
            [
                listed("listSessions", "A user's sessions.", "SessionList", [name]),
                gone("endSessions", "End all of a user's sessions.", [name]),
            ]
        ),
        ("users/{name}/sessions/{id}", [gone("endSession", "End a user's session.", [name, id])]),
        (
            "keys",
            [
                listed("listKeys", "The keys, without their secrets.", "KeyList"),
                made("createKey", "Make a key; its secret is shown this once.", "KeyRequest", "NewKey"),
            ]
        ),
        (
            "keys/{id}",
            [
                shown("getKey", "A key.", "Key", [id]),
                act("patch", "changeKey", "Change what a key may, and until when.", "KeyChange", "Key", [id]),
                gone("revokeKey", "End a key at once and for good.", [id]),
            ]
        ),
        (
            "keys/{id}/rotate",
            [
                made(
                    "rotateKey", "Give a key a new secret; the old one counts on for a while.", "KeyRotation", "NewKey",
                    [id])
            ]
        ),
        (
            "roles",
            [
                shown("listRoles", "The roles, and which have which permission.", "RoleList"),
                made("createRole", "Make a role.", "NewRole", "Role"),
            ]
        ),
        (
            "roles/{name}",
            [
                shown("getRole", "A role.", "Role", [name]),
                act("patch", "changeRole", "Change a role, for all who have it.", "RoleChange", "Role", [name]),
                gone("deleteRole", "Remove a role that nobody has.", [name]),
            ]
        ),
        (
            "tenants",
            [
                listed("listTenants", "The tenants.", "TenantList"),
                made("createTenant", "Add a tenant.", "NewTenant", "Named"),
            ]
        ),
        (
            "tenants/{name}",
            [
                shown("getTenant", "A tenant.", "Tenant", [name]),
                silent("patch", "changeTenant", "Change a tenant.", "TenantChange", [name]),
                gone("deleteTenant", "Remove a tenant that nobody is in.", [name]),
            ]
        ),
        (
            "limits",
            [
                listed("listLimits", "The limits that were set.", "LimitList"),
                silent("put", "setLimits", "Set limits of one scope; none is named: the server's.", "LimitChange"),
                gone(
                    "removeLimits", "Remove limits of one scope.",
                    ["key", "user", "tenant", "model", "kind"].map { query($0, string) }),
            ]
        ),
        (
            "addresses",
            [
                listed("listAddresses", "From where tenants and keys may come.", "AddressList"),
                silent("put", "setAddresses", "Set the lists of a tenant or a key.", "AddressChange"),
            ]
        ),
        (
            "usage",
            [
                shown(
                    "getUsage", "Who used how much.", "UsageList",
                    ["by", "from", "to", "tenant", "user", "key", "model"].map { query($0, string) })
            ]
        ),
        (
            "audit",
            [
                shown(
                    "listAudit", "What was done and refused, newest first.", "AuditList",
                    ["from", "to", "tenant"].map { query($0, string) } + [
                        query("limit", integer(1...500)), query("after", integer(0...Int(Int32.max))),
                    ])
            ]
        ),
        (
            "audit/export",
            [
                operation(
                    "get", "exportAudit", "The same to its end, each event on a line of its own.",
                    parameters: ["from", "to", "tenant"].map { query($0, string) } + [code],
                    answers: ["application/x-ndjson": string], refusals: common)
            ]
        ),
        (
            "trail",
            [
                shown(
                    "searchTrail", "Requests, acts and log-ins of the audit trail, newest first.", "TrailList",
                    trailFilter + [query("limit", integer(1...500)), query("after", integer(1...Int.max))])
            ]
        ),
        (
            "trail/records/{record}",
            [
                shown(
                    "getTrailRecords", "What was recorded under a number, or of a request; with texts, if wished.",
                    "TrailList",
                    [inPath("record"), query("texts", boolean), query("masks", boolean), code])
            ]
        ),
        ("trail/status", [shown("getTrailStatus", "How the audit trail is, by its writer.", "TrailStatus")]),
        (
            "trail/verify",
            [
                operation(
                    "post", "verifyTrail", "Check that nobody has changed the audit trail.",
                    answers: answer("TrailReport"), refusals: common)
            ]
        ),
        (
            "trail/export",
            [
                operation(
                    "get", "exportTrail", "Records for another system, oldest first, without texts.",
                    parameters: trailFilter + [
                        query("format", word("jsonl", "cef", "syslog", "elasticsearch")), code,
                    ],
                    answers: ["application/x-ndjson": string, "text/plain": string], refusals: common)
            ]
        ),
        (
            "trail/erase",
            [
                act(
                    "post", "eraseTexts", "Make all recorded texts of a person unreadable.", "TrailPerson",
                    "TrailErasure")
            ]
        ),
        (
            "reviews",
            [
                shown(
                    "listReviews", "Questions that wait to be allowed, or were decided on, newest first.",
                    "ReviewList",
                    [
                        query("waiting", boolean), query("tenant", string), query("limit", integer(1...500)),
                        query("after", integer(0...Int(Int32.max))),
                    ])
            ]
        ),
        (
            "reviews/{id}",
            [act("post", "decideReview", "Allow or refuse a question.", "ReviewDecision", "Review", [id])]
        ),
        (
            "cache",
            [
                shown("getCache", "How the cache of answers is used.", "CacheStatistics"),
                gone("clearCache", "Forget cached answers, of one tenant or all.", [query("tenant", string)]),
            ]
        ),
        ("workers", [shown("listWorkers", "The workers: how they are and what they compute.", "WorkerList")]),
        (
            "workers/{name}/restart",
            [
                operation(
                    "post", "restartWorker",
                    "Replace a model's worker; the answer comes before it is. The old one finishes what it has.",
                    parameters: [name, code], answers: answer("Worker"), status: 202, refusals: common)
            ]
        ),
        (
            "workers/{name}/profile",
            [
                operation(
                    "post", "profileWorker",
                    "Look for some seconds where a worker's time and memory go, while it serves.",
                    parameters: [
                        name, query("seconds", integer(ProfileRequest.secondsRange)), query("roofline", boolean), code,
                    ],
                    answers: answer("WorkerProfile"), refusals: common)
            ]
        ),
        ("upstreams", [shown("listUpstreams", "Other servers that serve models: how they are.", "UpstreamList")]),
        (
            "upstreams/{name}/probe",
            [
                operation(
                    "post", "probeUpstream", "Find out anew what an upstream can do, with about fifty small requests.",
                    parameters: [name, code], answers: answer("Upstream"), refusals: common)
            ]
        ),
        ("alerts", [shown("getAlerts", "What fires, silences, channels and the last events.", "Alerts")]),
        (
            "alerts/silences",
            [
                operation(
                    "post", "silenceAlerts", "Keep alerts quiet for a while.", parameters: [code],
                    body: answer("SilenceRequest"), answers: answer("Silence"), refusals: common)
            ]
        ),
        (
            "alerts/silences/{id}/end",
            [
                operation(
                    "post", "endSilence", "End a silence.", parameters: [id, code], answers: answer("SilenceEnd"),
                    refusals: common)
            ]
        ),
        (
            "alerts/channels/{name}/test",
            [
                operation(
                    "post", "testChannel", "Send one message to one channel.", parameters: [name, code],
                    answers: answer("ChannelTest"), refusals: common)
            ]
        ),
        ("backup", [shown("getBackup", "How the backup of the data directory is.", "BackupStatus")]),
        (
            "backup/run",
            [
                operation(
                    "post", "runBackup", "Back up everything now; the answer comes when it is done.",
                    parameters: [code], answers: answer("BackupReport"), refusals: common)
            ]
        ),
        ("routes", [shown("getRoutes", "Routes as they are configured, and how their targets are.", "Routing")]),
        (
            "routes/explain",
            [
                operation(
                    "post", "explainRoute", "Where a request would go, and why; nobody is asked.",
                    body: answer("RouteQuestion"), answers: answer("RouteDecision"), refusals: common)
            ]
        ),
        (
            "certificates",
            [shown("getCertificates", "The server's certificate, and when it ends.", "CertificateStatus")]
        ),
        ("configuration", [shown("getConfiguration", "All settings as they count, without secrets.", "Settings")]),
        (
            "configuration/reload",
            [
                operation(
                    "post", "reloadConfiguration",
                    "Read the configuration again; it is taken over whole or not at all.",
                    answers: answer("SettingChanges"), refusals: common)
            ]
        ),
    ].map { path, operations in ("/admin/v1/" + path, .object(JSON.Object(operations))) }

    // MARK: operations

    /// What any of them may refuse with.
    private static let common = [400, 404, 408, 409, 413, 415, 421, 429, 500, 501, 503]
    private static let name: JSON = inPath("name")
    private static let id: JSON = inPath("id")
    /// Critical acts want it.
    private static let code: JSON = ["name": "X-Hadal-OTP", "in": "header", "schema": string]
    private static let page = [query("after", string), query("limit", integer(1...1000))]
    private static let trailFilter = TrailFilter.names.map { query($0, string) }

    private static func inPath(_ name: String) -> JSON {
        ["name": .string(name), "in": "path", "required": true, "schema": ["type": "string", "minLength": 1]]
    }

    private static func shown(
        _ id: String, _ summary: String, _ reply: String, _ parameters: [JSON] = []
    ) -> Operation {
        operation("get", id, summary, parameters: parameters, answers: answer(reply), refusals: common)
    }

    private static func listed(_ id: String, _ summary: String, _ reply: String, _ parameters: [JSON] = []) -> Operation
    {
        shown(id, summary, reply, parameters + page)
    }

    private static func act(
        _ method: String, _ id: String, _ summary: String, _ request: String, _ reply: String, _ parameters: [JSON] = []
    ) -> Operation {
        operation(
            method, id, summary, parameters: parameters + [code], body: answer(request), answers: answer(reply),
            refusals: common)
    }

    private static func made(
        _ id: String, _ summary: String, _ request: String, _ reply: String, _ parameters: [JSON] = []
    ) -> Operation {
        operation(
            "post", id, summary, parameters: parameters + [code], body: answer(request), answers: answer(reply),
            status: 201, refusals: common)
    }

    /// Answered with nothing.
    private static func silent(
        _ method: String, _ id: String, _ summary: String, _ request: String, _ parameters: [JSON] = []
    ) -> Operation {
        operation(
            method, id, summary, parameters: parameters + [code], body: answer(request), answers: [:], status: 204,
            refusals: common)
    }

    private static func gone(_ id: String, _ summary: String, _ parameters: [JSON] = []) -> Operation {
        operation("delete", id, summary, parameters: parameters + [code], answers: [:], status: 204, refusals: common)
    }
}
