import HadalJSON

extension AuditRecord {
    /// What the chain hashes (`docs/audit.md` has the members).
    public var canonicalBytes: [UInt8] {
        var writer = CanonicalWriter()
        writer.member("action", action)
        writer.member("address", address)
        writer.member("details", details)
        writer.member("id", id)
        writer.member("input", input?.json)
        writer.member("key", key)
        writer.member("kind", kind.rawValue)
        writer.member("model", model)
        writer.member("model_digest", modelDigest)
        writer.member("outcome", outcome)
        writer.member("output", output?.json)
        writer.member("parameters", parameters)
        writer.member("request_id", requestID)
        // Text: readers that take numbers as doubles would lose digits.
        writer.member("seed", seed.map(String.init))
        writer.member("seq", sequence)
        writer.member("target", target)
        writer.member("tenant", tenant)
        writer.member("time", JSON.int(time))
        writer.member("timings", timings?.json)
        writer.member("tokens", tokens?.json)
        writer.member("user", user)
        writer.member("verdicts", verdicts)
        return writer.finish()
    }

    /// - Throws: `JSONError`, also where a member is missing or not what it must be.
    public init(canonicalBytes bytes: some Sequence<UInt8>) throws(JSONError) {
        let json = try JSON(parsing: bytes)
        func fail(_ member: String) -> JSONError { JSONError(offset: 0, problem: "'\(member)' is not as it must be") }
        func text(_ name: String) throws(JSONError) -> String? {
            guard let value = json[name] else { return nil }
            guard let text = value.string else { throw fail(name) }
            return text
        }
        guard let kind = try text("kind").flatMap(Kind.init(rawValue:)) else { throw fail("kind") }
        guard let id = try text("id") else { throw fail("id") }
        guard let outcome = try text("outcome") else { throw fail("outcome") }
        guard let time = json["time"]?.int else { throw fail("time") }
        guard let sequence = json["seq"]?.int.flatMap(UInt64.init(exactly:)) else { throw fail("seq") }
        self.init(kind, outcome: outcome, id: id, time: Int64(time))
        self.sequence = sequence
        requestID = try text("request_id")
        tenant = try text("tenant")
        user = try text("user")
        key = try text("key")
        address = try text("address")
        action = try text("action")
        target = try text("target")
        model = try text("model")
        modelDigest = try text("model_digest")
        parameters = json["parameters"]
        if let text = try text("seed") {
            guard let seed = UInt64(text) else { throw fail("seed") }
            self.seed = seed
        }
        tokens = json["tokens"].map(AuditTokens.init(json:))
        timings = json["timings"].map(AuditTimings.init(json:))
        verdicts = json["verdicts"]
        details = json["details"]
        if let value = json["input"] {
            guard let reference = ContentReference(json: value) else { throw fail("input") }
            input = reference
        }
        if let value = json["output"] {
            guard let reference = ContentReference(json: value) else { throw fail("output") }
            output = reference
        }
    }
}

extension AuditTokens {
    var json: JSON {
        [
            "cached": .int(Int64(cached)), "completion": .int(Int64(completion)), "prompt": .int(Int64(prompt)),
            "reasoning": .int(Int64(reasoning)),
        ]
    }

    init(json: JSON) {
        self.init(
            prompt: json["prompt"]?.int ?? 0, cached: json["cached"]?.int ?? 0,
            completion: json["completion"]?.int ?? 0, reasoning: json["reasoning"]?.int ?? 0)
    }
}

extension AuditTimings {
    var json: JSON {
        .compact([
            ("first_token", firstToken.map(JSON.int)), ("queued", queued.map(JSON.int)), ("total", total.map(JSON.int)),
        ])
    }

    init(json: JSON) {
        self.init(
            queued: json["queued"]?.int.map(Int64.init), firstToken: json["first_token"]?.int.map(Int64.init),
            total: json["total"]?.int.map(Int64.init))
    }
}
