import Foundation
import HadalText

extension RuleReading {
    private static let kinds = [
        "all", "any", "not", "keywords", "keywords_file", "regex", "length", "metadata", "time", "score", "answer",
    ]
    private static let numberFields = ["at_least", "above", "at_most", "below"]
    private static let countLimit = 1_000_000

    /// A condition, or a list of which all must hold.
    mutating func condition(_ value: YAMLValue, _ path: String, _ zone: TimeZone) -> RuleCondition? {
        if case .list = value.content { return .all(conditions(value, path, zone)) }
        guard case .map(let members) = value.content else {
            report(value.line, path, "a condition is expected", "write one of \(Self.kinds.joined(separator: ", "))")
            return nil
        }
        var kinds = members.map(\.key).filter { Self.kinds.contains($0) }
        if kinds.contains("keywords") { kinds.removeAll { $0 == "keywords_file" } }
        guard kinds.count == 1, let kind = kinds.first else {
            report(
                value.line, path, kinds.isEmpty ? "no condition stands here" : "several conditions in one",
                kinds.isEmpty ? "write one of \(Self.kinds.joined(separator: ", "))" : "put them in a list below 'all'")
            return nil
        }
        let known: [String] =
            switch kind {
            case "keywords", "keywords_file":
                ["keywords", "keywords_file", "whole_word", "case_sensitive", "at_least"]
            case "regex": ["regex", "ignore_case", "at_least"]
            case "score": ["score", "if_missing"] + Self.numberFields
            case "answer": ["answer", "is", "if_missing"] + Self.numberFields
            default: [kind]
            }
        guard let fields = fields(value, path, known: known), let inner = fields[kind] ?? fields["keywords_file"] else {
            report(value.line, path, "'\(kind)' says nothing", "write its value behind it")
            return nil
        }
        let innerPath = fields.path(of: kind)
        switch kind {
        case "all": return .all(conditions(inner, innerPath, zone))
        case "any": return .any(conditions(inner, innerPath, zone))
        case "not": return condition(inner, innerPath, zone).map { .not($0) }
        case "metadata": return metadata(inner, innerPath)
        default: return leaf(kind, fields, inner, zone).map { .leaf(RuleLeaf(at: path, $0)) }
        }
    }

    private mutating func conditions(_ value: YAMLValue, _ path: String, _ zone: TimeZone) -> [RuleCondition] {
        let items = list(value, path)
        if items.isEmpty { report(value.line, path, "no condition stands here", "write at least one") }
        return items.enumerated().compactMap { index, item in condition(item, "\(path)[\(index)]", zone) }
    }

    private mutating func leaf(
        _ kind: String, _ fields: Fields, _ value: YAMLValue, _ zone: TimeZone
    ) -> RuleLeaf.Kind? {
        switch kind {
        case "keywords", "keywords_file": return keywords(fields)
        case "regex": return regex(fields, value)
        case "length":
            guard let length = self.fields(value, fields.path(of: kind), known: ["min", "max"]) else { return nil }
            let (min, max) = (integer(length, "min", 0...Int.max), integer(length, "max", 0...Int.max))
            if length["min"] == nil, length["max"] == nil {
                report(value.line, length.path, "no bound is given", "write min, max or both")
            } else if let min, let max, min > max {
                report(value.line, length.path, "min is greater than max", "write the smaller one as min")
            }
            return .length(min: min, max: max)
        case "time": return time(value, fields.path(of: kind), zone)
        case "score":
            guard let name = text(value, fields.path(of: kind)) else { return nil }
            let range = range(fields)
            if range == nil {
                report(fields.line, fields.path, "no bound is given", "write at_least, above, at_most or below")
            }
            return range.map { .score(name: name, $0, ifMissing: flag(fields, "if_missing") ?? false) }
        default: return answer(value, fields)
        }
    }

    private mutating func keywords(_ fields: Fields) -> RuleLeaf.Kind? {
        let whole = flag(fields, "whole_word") ?? false
        let cased = flag(fields, "case_sensitive") ?? false
        var given: [(text: String, file: String, line: Int, field: String)] = []
        if let value = fields["keywords"] {
            let path = fields.path(of: "keywords")
            given += texts(value, path).map { ($0, file, value.line, path) }
        }
        if let value = fields["keywords_file"], let name = text(value, fields.path(of: "keywords_file")) {
            let path = fields.path(of: "keywords_file")
            given += keywords(from: name, value.line, path)
        }
        var keywords: [KeywordMatcher.Keyword] = []
        for (text, file, line, field) in given {
            let normalised = NormalisedText(text).string
            if normalised.isEmpty || normalised.utf8.count > 1000 {
                problems.append(
                    RuleProblem(
                        file: file, line: line, field: field, problem: "a keyword of no or over 1000 bytes",
                        advice: "remove it, or write an expression"))
            }
            keywords.append(.init(normalised, isCaseSensitive: cased, isWholeWord: whole))
        }
        let atLeast = integer(fields, "at_least", 1...Self.countLimit) ?? 1
        guard draft.keywords.count + keywords.count <= RuleSetDraft.keywordsLimit else {
            report(
                fields.line, fields.path, "more than \(RuleSetDraft.keywordsLimit) keywords in the set", "remove some")
            return nil
        }
        return keywords.isEmpty ? nil : .text(draft.add(keywords, atLeast: atLeast))
    }

    private mutating func keywords(
        from name: String, _ line: Int, _ path: String
    ) -> [(text: String, file: String, line: Int, field: String)] {
        let place = URL(fileURLWithPath: name, relativeTo: URL(fileURLWithPath: file).deletingLastPathComponent()).path
        guard let bytes = RuleFileBytes.read(place, limit: KeywordFile.sizeLimit) else {
            report(
                line, path, "the file '\(place)' cannot be read",
                "check that it is there, may be read and has at most 64 MiB; the name is relative to this file")
            return []
        }
        draft.record(bytes, of: name)
        guard let keywords = KeywordFile.keywords(bytes) else {
            report(line, path, "the file '\(place)' is not UTF-8", "save it as UTF-8")
            return []
        }
        if keywords.isEmpty { report(line, path, "there are no keywords in '\(place)'", "write one a line") }
        return keywords.map { ($0.text, place, $0.line, path) }
    }

    private mutating func regex(_ fields: Fields, _ value: YAMLValue) -> RuleLeaf.Kind? {
        let path = fields.path(of: "regex")
        let ignoresCase = flag(fields, "ignore_case") ?? false
        let atLeast = integer(fields, "at_least", 1...Self.countLimit) ?? 1
        guard let source = text(value, path) else { return nil }
        do throws(PatternError) {
            return .text(draft.add(try Pattern(source, ignoresCase: ignoresCase), atLeast: atLeast))
        } catch {
            report(value.line, path, "character \(error.column): \(error.problem)", error.advice)
            return nil
        }
    }

    /// nil where no bound is given.
    mutating func range(_ fields: Fields) -> NumberRange? {
        guard Self.numberFields.contains(where: { fields[$0] != nil }) else { return nil }
        return NumberRange(
            atLeast: number(fields, "at_least"), above: number(fields, "above"), atMost: number(fields, "at_most"),
            below: number(fields, "below"))
    }

    private mutating func answer(_ value: YAMLValue, _ fields: Fields) -> RuleLeaf.Kind? {
        guard let text = text(value, fields.path(of: "answer")) else { return nil }
        guard let path = AnswerPath(text) else {
            report(
                value.line, fields.path(of: "answer"), "'\(text)' is no path of a member",
                "write $.name.name, $.list[0].name, $.list[*].name or $['a name']")
            return nil
        }
        let range = range(fields)
        let values = names(fields, "is")
        if range == nil, values.isEmpty {
            report(
                fields.line, fields.path, "it is not said what the member must be",
                "write is, at_least, above, at_most or below")
        }
        return .answer(
            AnswerCondition(
                path: path, range: range, values: values, ifMissing: flag(fields, "if_missing") ?? false))
    }
}
