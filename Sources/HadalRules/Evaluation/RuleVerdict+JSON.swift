import HadalJSON

extension RuleVerdict {
    /// For records: `{"version", "digest", "action", "rule"?, "message"?, "route"?, "tags", "score", "hits": [{"rule", "action"?,
    /// "dry_run", "weight", "because": [{"condition", "detail", "count", "places": [[text, from, to]]}]}], "replacements":
    /// [{"rule", "place"}], "dry_run"?: {"action", …}}`. Places are bytes of UTF-8; `dry_run` is there where it differs.
    public var json: JSON {
        var members: [(String, JSON)] = [("version", .string(version)), ("digest", .string(digest))]
        members += decision.members
        members.append(("hits", .array(hits.map(\.json))))
        members.append(
            (
                "replacements",
                .array(replacements.map { ["rule": .string($0.rule), "place": $0.place.json] })
            ))
        if dryRunDecision != decision { members.append(("dry_run", .object(.init(dryRunDecision.members)))) }
        return .object(.init(members))
    }
}

extension RuleDecision {
    fileprivate var members: [(String, JSON)] {
        var members: [(String, JSON)] = [("action", .string(outcome.rawValue))]
        for (name, text) in [("rule", rule), ("message", message), ("route", route)] {
            if let text { members.append((name, .string(text))) }
        }
        return members + [("tags", .array(tags.map { .string($0) })), ("score", .double(score))]
    }
}

extension RuleHit {
    fileprivate var json: JSON {
        var members: [(String, JSON)] = [("rule", .string(rule))]
        if let action { members.append(("action", .string(action.rawValue))) }
        members += [
            ("dry_run", .bool(isDryRun)), ("weight", .double(weight)),
            ("because", .array(findings.map(\.json))),
        ]
        return .object(.init(members))
    }
}

extension RuleFinding {
    fileprivate var json: JSON {
        [
            "condition": .string(condition), "detail": .string(detail), "count": .int(Int64(count)),
            "places": .array(places.map(\.json)),
        ]
    }
}

extension RulePlace {
    fileprivate var json: JSON {
        [.int(Int64(part)), .int(Int64(range.lowerBound)), .int(Int64(range.upperBound))]
    }
}
