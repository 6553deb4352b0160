import Foundation
import HadalText

extension RuleReading {
    private static let testFields = ["name", "direction", "text", "texts", "metadata", "scores", "expect"]
    private static let expectedFields = ["action", "rules", "tags", "route", "score", "text", "texts", "dry_run"]
    private static let metadataFields = [
        "tenant", "user", "role", "roles", "model", "endpoint", "address", "headers", "time",
    ]

    mutating func test(_ value: YAMLValue, _ path: String) -> RuleTest? {
        guard let fields = fields(value, path, known: Self.testFields) else { return nil }
        let texts = testTexts(fields)
        if texts == nil { report(fields.line, path, "the case has no text", "write 'text: …' or 'texts: […]'") }
        let direction = fields["direction"].flatMap { word($0, fields.path(of: "direction"), of: RuleDirection.self) }
        let input = RuleInput(
            direction ?? .input, texts: (texts ?? []).map { NormalisedText($0) },
            metadata: fields["metadata"].map { testMetadata($0, fields.path(of: "metadata")) } ?? RuleMetadata(),
            scores: fields["scores"].map { testScores($0, fields.path(of: "scores")) } ?? [:])
        guard let value = fields["expect"] else {
            report(fields.line, path, "it is not said what is expected", "write 'expect: {action: block}'")
            return nil
        }
        return RuleTest(
            name: text(fields, "name") ?? path, file: file, line: fields.line, input: input,
            expected: expected(value, fields.path(of: "expect")))
    }

    /// An empty text is a text here.
    private mutating func testTexts(_ fields: Fields) -> [String]? {
        if let value = fields["texts"] { return texts(value, fields.path(of: "texts")) }
        guard case .text(let text, _)? = fields.raw("text")?.content else { return nil }
        return [text]
    }

    private mutating func expected(_ value: YAMLValue, _ path: String) -> RuleTest.Expected {
        var expected = RuleTest.Expected()
        guard let fields = fields(value, path, known: Self.expectedFields) else { return expected }
        expected.outcome = fields["action"].flatMap { word($0, fields.path(of: "action"), of: RuleOutcome.self) }
        expected.dryRun = fields["dry_run"].flatMap { word($0, fields.path(of: "dry_run"), of: RuleOutcome.self) }
        expected.rules = expectedNames(fields, "rules")
        expected.tags = expectedNames(fields, "tags")
        expected.route = text(fields, "route")
        expected.score = number(fields, "score")
        expected.texts = testTexts(fields)
        if expected.outcome == nil {
            report(
                value.line, path, "the action is not said",
                "write 'action:' and one of \(RuleOutcome.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return expected
    }

    /// An empty list says that there are none.
    private mutating func expectedNames(_ fields: Fields, _ name: String) -> [String]? {
        guard let value = fields[name] else { return nil }
        if case .list(let items) = value.content, items.isEmpty { return [] }
        return texts(value, fields.path(of: name))
    }

    private mutating func testScores(_ value: YAMLValue, _ path: String) -> [String: Double] {
        guard case .map(let members) = value.content else {
            report(value.line, path, "names and numbers are expected", "write 'firewall: 0.9'")
            return [:]
        }
        var scores: [String: Double] = [:]
        for member in members { scores[member.key] = number(member.value, "\(path).\(member.key)") }
        return scores
    }

    private mutating func testMetadata(_ value: YAMLValue, _ path: String) -> RuleMetadata {
        var metadata = RuleMetadata()
        guard let fields = fields(value, path, known: Self.metadataFields) else { return metadata }
        metadata.tenant = text(fields, "tenant")
        metadata.user = text(fields, "user")
        for name in ["role", "roles"] {
            if let value = fields[name] { metadata.roles += texts(value, fields.path(of: name)) }
        }
        metadata.model = text(fields, "model")
        metadata.endpoint = text(fields, "endpoint")
        metadata.address = text(fields, "address")
        if case .map(let members)? = fields["headers"]?.content {
            for member in members {
                metadata.headers[member.key.lowercased()] = text(member.value, fields.path(of: "headers.\(member.key)"))
            }
        }
        if let value = fields["time"], let text = text(value, fields.path(of: "time")) {
            if let time = try? Date(text, strategy: .iso8601) {
                metadata.time = time
            } else {
                report(
                    value.line, fields.path(of: "time"), "'\(text)' is no time",
                    "write such as 2026-11-28T22:30:00+08:00")
            }
        }
        return metadata
    }
}
