import Foundation
import HadalJSON

extension LoadResult {
    static let format = 1

    public var json: JSON {
        .compact([
            ("format", .int(Int64(Self.format))), ("model", .string(model)), ("arrival", .string(arrival)),
            ("started", .string(started.formatted(.iso8601))), ("seconds", .double(seconds)),
            ("asked", .int(Int64(asked))), ("answered", .int(Int64(answered))), ("failed", .int(Int64(failed))),
            ("error_rate", .double(errorRate)),
            (
                "failures",
                .object(JSON.Object(failures.sorted { $0.key < $1.key }.map { ($0.key, .int(Int64($0.value))) }))
            ),
            ("prompt_tokens", .int(Int64(promptTokens))), ("cached_tokens", .int(Int64(cachedTokens))),
            ("answer_tokens", .int(Int64(answerTokens))), ("answers_per_second", .double(answersPerSecond)),
            ("tokens_per_second", .double(tokensPerSecond)), ("goodput", goodput.map(JSON.double)),
            (
                "seconds_of",
                .object(
                    JSON.Object(
                        Objective.Measure.allCases.compactMap { measure in
                            distributions[measure].map { (measure.rawValue, $0.json) }
                        }))
            ),
            (
                "objectives",
                .array(
                    verdicts.map {
                        [
                            "objective": .string($0.objective.text), "measured": .double($0.measured),
                            "met": .bool($0.isMet),
                        ]
                    })
            ),
            ("bins", .array(bins.map(\.json))),
        ])
    }

    /// What `json` wrote.
    /// - Throws: `LoadError.badResult`
    public init(_ json: JSON, file: String) throws(LoadError) {
        func refuse(_ problem: String) -> LoadError { .badResult(file: file, problem: problem) }
        guard json["format"]?.int == Self.format else { throw refuse("no result of a load test") }
        func text(_ name: String) throws(LoadError) -> String {
            guard let text = json[name]?.string else { throw refuse("no text '\(name)'") }
            return text
        }
        func number(_ name: String) throws(LoadError) -> Double {
            guard let number = json[name]?.double, number.isFinite else { throw refuse("no number '\(name)'") }
            return number
        }
        func count(_ name: String) throws(LoadError) -> Int {
            guard let count = json[name]?.int, count >= 0 else { throw refuse("no count '\(name)'") }
            return count
        }
        (model, arrival) = (try text("model"), try text("arrival"))
        guard let started = try? Date(try text("started"), strategy: .iso8601) else {
            throw refuse("no time 'started'")
        }
        self.started = started
        seconds = try number("seconds")
        (asked, answered) = (try count("asked"), try count("answered"))
        failures = Dictionary(
            (json["failures"]?.object?.members ?? []).compactMap { member in member.1.int.map { (member.0, $0) } }
        ) { $0 + $1 }
        (promptTokens, cachedTokens) = (try count("prompt_tokens"), try count("cached_tokens"))
        answerTokens = try count("answer_tokens")
        (answersPerSecond, tokensPerSecond) = (try number("answers_per_second"), try number("tokens_per_second"))
        goodput = json["goodput"]?.double
        distributions = [:]
        for measure in Objective.Measure.allCases {
            guard let distribution = Distribution(json["seconds_of"]?[measure.rawValue]) else {
                throw refuse("no times 'seconds_of.\(measure.rawValue)'")
            }
            distributions[measure] = distribution
        }
        verdicts = try (json["objectives"]?.array ?? []).map { (verdict) throws(LoadError) in
            guard let text = verdict["objective"]?.string, let objective = try? Objective(parsing: text),
                let measured = verdict["measured"]?.double, let isMet = verdict["met"]?.bool
            else { throw refuse("an objective is none") }
            return Verdict(objective: objective, measured: measured, isMet: isMet)
        }
        bins = (json["bins"]?.array ?? []).compactMap(Bin.init)
    }
}

extension LoadResult.Bin {
    var json: JSON {
        .compact([
            ("time", .double(time)), ("answered", .int(Int64(answered))), ("failed", .int(Int64(failed))),
            ("tokens_per_second", .double(tokensPerSecond)), ("in_flight", .double(inFlight)),
            ("ttft_p50", ttftMedian.map(JSON.double)), ("ttft_p99", ttft99.map(JSON.double)),
        ])
    }

    init?(_ json: JSON) {
        guard let time = json["time"]?.double, let answered = json["answered"]?.int, let failed = json["failed"]?.int,
            let tokens = json["tokens_per_second"]?.double, let inFlight = json["in_flight"]?.double
        else { return nil }
        self.init(
            time: time, answered: answered, failed: failed, tokensPerSecond: tokens, inFlight: inFlight,
            ttftMedian: json["ttft_p50"]?.double, ttft99: json["ttft_p99"]?.double)
    }
}
