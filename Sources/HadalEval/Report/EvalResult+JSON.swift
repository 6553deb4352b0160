import Foundation
import HadalJSON

extension EvalResult {
    static let format = 1

    public var json: JSON {
        [
            "format": .int(Int64(Self.format)), "suite": .string(suite), "model": .string(model),
            "started": .string(started.formatted(.iso8601)), "seconds": .double(seconds), "items": .int(Int64(items)),
            "passed": .int(Int64(passed)), "score": .double(score), "scenarios": .array(scenarios.map(\.json)),
        ]
    }

    /// What `json` wrote.
    public init(_ json: JSON, file: String) throws(EvalError) {
        guard json["format"]?.int == Self.format, let suite = json["suite"]?.string, let model = json["model"]?.string,
            let started = json["started"]?.string.flatMap({ try? Date($0, strategy: .iso8601) }),
            let seconds = json["seconds"]?.double, let scenarios = json["scenarios"]?.array
        else { throw .badResult(file: file, problem: "no result of an evaluation") }
        (self.suite, self.model, self.started, self.seconds) = (suite, model, started, seconds)
        self.scenarios = []
        for scenario in scenarios {
            guard let read = Scenario(scenario) else { throw .badResult(file: file, problem: "a scenario is none") }
            self.scenarios.append(read)
        }
    }
}

extension EvalResult.Scenario {
    fileprivate var json: JSON {
        .compact([
            ("name", .string(name)), ("category", .string(category)), ("language", .string(language)),
            ("about", .string(about)), ("passed", .int(Int64(passed))), ("score", .double(score)),
            ("labels", labels.isEmpty ? nil : .array(labels.map(JSON.string))),
            ("confusion", labels.isEmpty ? nil : .array(confusion.map { .array($0.map { .int(Int64($0)) }) })),
            ("macro_f1", macroF1.map(JSON.double)), ("items", .array(items.map(\.json))),
        ])
    }

    fileprivate init?(_ json: JSON) {
        guard let name = json["name"]?.string, let category = json["category"]?.string, let items = json["items"]?.array
        else { return nil }
        (self.name, self.category, language, about) = (
            name, category, json["language"]?.string ?? "", json["about"]?.string ?? ""
        )
        labels = (json["labels"]?.array ?? []).compactMap(\.string)
        self.items = items.map(EvalResult.Item.init)
    }
}

extension EvalResult.Item {
    fileprivate var json: JSON {
        .compact([
            ("answer", .string(answer)), ("passed", .bool(hasPassed)),
            ("problems", problems.isEmpty ? nil : .array(problems.map(JSON.string))),
            ("not_judged", open.isEmpty ? nil : .array(open.map(JSON.string))), ("seconds", .double(seconds)),
            ("tokens", .int(Int64(tokens))), ("label", label.map(JSON.string)), ("found", found.map(JSON.string)),
        ])
    }

    fileprivate init(_ json: JSON) {
        self.init(
            answer: json["answer"]?.string ?? "", problems: (json["problems"]?.array ?? []).compactMap(\.string))
        open = (json["not_judged"]?.array ?? []).compactMap(\.string)
        (seconds, tokens) = (json["seconds"]?.double ?? 0, json["tokens"]?.int ?? 0)
        (label, found) = (json["label"]?.string, json["found"]?.string)
    }
}
