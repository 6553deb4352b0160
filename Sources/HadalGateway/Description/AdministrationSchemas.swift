import HadalAccess
import HadalAudit
import HadalJSON

/// Bodies of the administration. Times are in ISO 8601, UTC.
extension APIDescription {
    private static let time: JSON = ["type": "string", "format": "date-time"]
    private static let strings = array(string, max: 1000)
    private static let permissions = array(word(Permission.allCases.map(\.rawValue)), max: 1000)
    private static let ranges = array(string, max: AddressRules.rangesLimit)

    private static let principalSchema = object(
        ["id": string, "name": string, "tenant": string, "method": string, "permissions": permissions],
        further: ["secondFactorUntil": time, "user": reference("User")])
    private static let sessionSchema = object(["id": string, "created": time, "lastSeen": time, "expires": time])
    private static let linkSchema = object(
        ["kind": word(IdentityLink.Kind.allCases.map(\.rawValue)), "value": string], further: ["issuer": string])
    private static let links = array(linkSchema, max: 100)
    private static let userSchema = object(
        [
            "id": string, "name": string, "displayName": string, "tenant": string, "roles": strings, "enabled": boolean,
            "hasPassword": boolean, "hasSecondFactor": boolean, "links": links, "created": time,
        ], further: ["passwordChanged": time])
    private static let keyMembers: Members = [
        "id": string, "prefix": string, "name": string, "tenant": string, "models": strings, "created": time,
        "createdBy": string,
    ]
    private static let keyFurther: Members = [
        "user": string, "roles": strings, "scopes": permissions, "expires": time, "lastUsed": time, "revoked": time,
        "previousUntil": time,
    ]
    private static let keySchema = object(keyMembers, further: keyFurther)
    private static let newKeySchema: JSON = ["allOf": [reference("Key"), object(["secret": string])]]
    private static let keyWishes: [(String, JSON)] = [("scopes", permissions), ("models", strings), ("expires", time)]
    /// `["*"]` and `none` take away what restricted.
    private static let keyChangeSchema = object(
        [:],
        optional: [
            ("name", string), ("scopes", either(permissions, array(word("*"), max: 1))), ("models", strings),
            ("expires", either(time, word("none"))),
        ])
    private static let roleSchema = object([
        "name": string, "about": string, "permissions": permissions, "models": strings, "builtIn": boolean,
    ])
    private static let permissionSchema = object([
        "name": string, "critical": boolean, "installation": boolean, "roles": strings,
    ])
    private static let tenantSchema = object([
        "name": string, "displayName": string, "models": strings, "enabled": boolean, "created": time,
    ])
    /// Each is optional: a scope has what it has.
    private static let scopeMembers: [(String, JSON)] = ["key", "user", "tenant", "model"].map { ($0, string) }
    private static let limitValues: JSON = [
        "type": "object", "minProperties": 1, "additionalProperties": false,
        "properties": .object(
            JSON.Object(
                LimitKind.allCases.map { ($0.rawValue, either(number(0...Double($0.maximum)), word("none"))) })),
    ]
    private static let usageSchema = object(
        [
            "requests": integer, "promptTokens": integer, "cachedTokens": integer, "answerTokens": integer,
            "cost": number,
        ],
        further: [
            "day": string, "tenant": string, "user": string, "userName": string, "key": string, "model": string,
        ])
    private static let eventSchema = object(
        [
            "number": integer, "time": time, "actor": string, "actorName": string, "tenant": string, "action": string,
            "target": string, "outcome": word("done", "refused", "failed"), "details": anyObject,
        ], further: ["address": string, "requestId": string])
    private static let certificateSchema = object(
        ["names": array(string), "notBefore": time, "notAfter": time, "serial": string, "fingerprint": string],
        further: ["commonName": string, "issuer": string])
    private static let upstreamPeriod = object(
        ["requests": integer, "promptTokens": integer, "cachedTokens": integer, "completionTokens": integer],
        further: [
            "tokensLimit": integer, "tokensLeft": integer, "money": string, "moneyLimit": string, "moneyLeft": string,
        ])

    /// Its members are in docs/audit.md; which there are depends on what it is about.
    private static let recordSchema = object([
        "id": string, "kind": word(AuditRecord.Kind.allCases.map(\.rawValue)), "outcome": string, "seq": integer,
        "time": time,
    ])
    private static let trailStatusSchema = object(
        [
            "trail": string, "sequence": integer, "head": string, "segment": integer, "unsigned": integer,
            "lost": integer,
        ], further: ["failure": string, "key": string, "rootKey": string])
    private static let trailReportSchema = object(
        [
            "valid": boolean, "findings": array(string), "moreFindings": integer, "trail": string, "first": integer,
            "records": integer, "segments": integer, "texts": integer, "unsigned": integer, "sequence": integer,
            "head": string,
        ], further: ["rootKey": string])

    /// One that waits has nothing of a decision.
    private static let reviewSchema = object(
        [
            "number": integer, "id": string, "tenant": string, "user": string, "userName": string, "model": string,
            "verdicts": string, "time": time,
        ],
        further: [
            "decision": word("allowed", "refused"), "decidedBy": string, "decidedByName": string, "decided": time,
            "expires": time,
        ])

    private static func list(_ element: JSON, further: Members = [:]) -> JSON {
        object(["data": array(element), "hasMore": boolean], further: further)
    }

    static let administrationSchemas: [(String, JSON)] = [
        ("Principal", principalSchema),
        ("Session", object(["user": reference("Principal"), "csrfToken": string])),
        ("LogIn", object(["name": string, "password": string], optional: [("code", string)])),
        ("NewSession", object(["user": reference("Principal"), "csrfToken": string, "expires": time])),
        ("Code", object(["code": string])), ("SecondFactorTime", object(["secondFactorUntil": time])),
        ("PasswordChange", object(["old": string, "new": string])),
        ("OwnPassword", object([:], optional: [("password", string)])),
        ("SecondFactorSecret", object(["secret": string, "uri": string])),
        ("RecoveryCodes", object(["recoveryCodes": array(string)])), ("SessionList", list(sessionSchema)),
        ("User", userSchema), ("UserList", list(reference("User"))),
        (
            "NewUser",
            object(
                ["name": string],
                optional: [
                    ("displayName", string), ("tenant", string), ("roles", strings), ("password", string),
                    ("links", links),
                ])
        ),
        (
            "UserChange",
            object(
                [:], optional: [("displayName", string), ("roles", strings), ("enabled", boolean), ("links", links)])
        ),
        ("NewPassword", object(["password": string])), ("Key", keySchema), ("KeyList", list(reference("Key"))),
        ("NewKey", newKeySchema), ("OwnKeyRequest", object(["name": string], optional: keyWishes)),
        (
            "KeyRequest",
            object(["name": string], optional: keyWishes + [("user", string), ("roles", strings), ("tenant", string)])
        ),
        ("KeyChange", keyChangeSchema),
        ("KeyRotation", object([:], optional: [("overlap", number(0...31_536_000))])), ("Role", roleSchema),
        ("RoleList", list(reference("Role"), further: ["permissions": array(permissionSchema)])),
        (
            "NewRole",
            object(["name": string, "permissions": permissions], optional: [("about", string), ("models", strings)])
        ),
        (
            "RoleChange",
            object([:], optional: [("about", string), ("permissions", permissions), ("models", strings)])
        ),
        ("Tenant", tenantSchema), ("TenantList", list(reference("Tenant"))), ("Named", object(["name": string])),
        ("NewTenant", object(["name": string], optional: [("displayName", string), ("models", strings)])),
        (
            "TenantChange",
            object([:], optional: [("displayName", string), ("models", strings), ("enabled", boolean)])
        ),
        (
            "LimitList",
            list(object(["id": string, "scope": string, "limits": limitValues], optional: scopeMembers))
        ),
        ("LimitChange", object(["limits": limitValues], optional: scopeMembers)),
        (
            "AddressList",
            list(object(["id": string, "allow": ranges, "deny": ranges], further: ["key": string, "tenant": string]))
        ),
        (
            "AddressChange",
            object([:], optional: [("key", string), ("tenant", string), ("allow", ranges), ("deny", ranges)])
        ), ("UsageList", list(usageSchema)), ("AuditList", list(eventSchema)),
        ("TrailList", list(recordSchema)), ("TrailStatus", trailStatusSchema), ("TrailReport", trailReportSchema),
        ("TrailPerson", object(["user": string], optional: [("tenant", string)])),
        ("TrailErasure", object(["tenant": string, "user": string, "erased": boolean])),
        ("Review", reviewSchema), ("ReviewList", list(reference("Review"))),
        ("ReviewDecision", object(["decision": word("allow", "refuse")])),
        (
            "CacheStatistics",
            object([
                "hits": integer, "similarHits": integer, "misses": integer, "entries": integer, "bytes": integer,
                "bytesLimit": integer, "evictions": integer,
                "tenants": array(
                    object([
                        "tenant": string, "hits": integer, "similarHits": integer, "misses": integer,
                        "entries": integer, "bytes": integer,
                    ])),
            ])
        ),
        (
            "BackupStatus",
            object(
                ["place": string, "isWaiting": boolean, "failures": integer, "problems": array(string)],
                further: [
                    "snapshot": string, "safeUntil": time, "points": integer, "writtenBytes": integer,
                    "nextSnapshot": time,
                ])
        ),
        (
            "Alerts",
            object(
                [
                    "alerts": array(["type": "object"]), "measures": array(["type": "object"]),
                    "silences": array(reference("Silence")),
                    "channels": array(["type": "object"]), "recent": array(["type": "object"]), "rules": array(string),
                ], further: ["problem": string])
        ),
        (
            "Silence",
            object(
                [
                    "id": string, "labels": ["type": "object"], "from": time, "until": time, "who": string,
                    "why": string,
                ],
                further: ["rule": string])
        ),
        ("SilenceEnd", object(["id": string, "ended": boolean])),
        ("ChannelTest", object(["channel": string, "delivered": boolean])),
        (
            "SilenceRequest",
            object(
                ["why": string, "seconds": ["type": "number", "minimum": 1, "maximum": 7_776_000]],
                optional: [("rule", string), ("labels", ["type": "object"])])
        ),
        (
            "BackupReport",
            object([
                "snapshot": string, "time": time, "files": integer, "bytes": integer, "newBytes": integer,
                "seconds": number, "problems": array(string),
            ])
        ),
        ("Routing", object(["routes": array(["type": "object"]), "targets": array(["type": "object"])])),
        (
            "RouteQuestion",
            object(
                ["model": string],
                optional: [
                    ("id", string), ("tenant", string), ("user", string), ("roles", array(string)),
                    ("prompt_tokens", integer(0...1_000_000_000)), ("output_tokens", integer(0...1_000_000_000)),
                    ("cost", ["type": "number", "minimum": 0, "maximum": 1_000_000_000]),
                    ("requires", array(string)), ("background", boolean), ("tags", array(string)), ("time", time),
                ])
        ),
        (
            "RouteDecision",
            object([
                "alias": string, "plan": array(["type": "object"]), "reasons": array(["type": "object"]),
            ])
        ),
        (
            "Upstream",
            object(
                [
                    "name": string, "url": string, "model": string, "reachable": boolean, "runningRequests": integer,
                    "requestsLimit": integer, "day": upstreamPeriod, "month": upstreamPeriod,
                ],
                further: [
                    "problem": string,
                    "found": object([
                        "kind": string, "version": string, "contextLength": integer, "features": array(string),
                        "missing": array(string), "time": time, "isProbed": boolean,
                    ]),
                    "breaker": object(
                        ["state": word("closed", "open", "half_open"), "failures": integer],
                        further: ["reason": string, "retrySeconds": number]),
                    "errors": object(["count": integer], further: ["lastTime": time, "lastReason": string]),
                ])
        ), ("UpstreamList", list(reference("Upstream"))),
        (
            "Worker",
            object(
                [
                    "name": string, "model": string, "startedHere": boolean, "state": string,
                    "runningRequests": array(string),
                ],
                further: [
                    "loaded": number, "pid": integer, "uptimeSeconds": number, "restarts": integer,
                    "memoryBytes": integer, "peakMemoryBytes": integer, "memoryLimitBytes": integer,
                    "lastCrash": object(["time": time, "end": string, "reason": string], further: ["name": string]),
                ])
        ), ("WorkerList", list(reference("Worker"))), ("WorkerProfile", workerProfile),
        (
            "CertificateStatus",
            object(
                ["certificate": certificateSchema, "loaded": time, "generation": integer],
                further: ["authority": certificateSchema, "renewal": time, "problem": string])
        ),
        ("Settings", array(object(["path": string, "value": anything, "source": string]))),
        (
            "SettingChanges",
            array(
                object([
                    "path": string, "old": nullable(string), "new": nullable(string), "needsRestart": boolean,
                ]))
        ),
    ]
}
