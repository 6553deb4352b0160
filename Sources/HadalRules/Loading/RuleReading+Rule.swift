import Foundation

extension RuleReading {
    private static let ruleFields = [
        "id", "description", "enabled", "dry_run", "priority", "stop", "weight", "applies", "when", "action", "message",
        "with", "model", "tags",
    ]

    private enum Action: String, CaseIterable {
        case block, replace, tag, route, allow
        case requireReview = "require_review"
    }

    /// - Parameter isDryRun: whether all rules of the file are.
    mutating func rule(_ value: YAMLValue, _ path: String, _ zone: TimeZone, isDryRun: Bool) -> Rule? {
        guard let fields = fields(value, path, known: Self.ruleFields) else { return nil }
        let isEnabled = flag(fields, "enabled") ?? true
        // What a rule that does not count looks for must cost nothing.
        let before = isEnabled ? nil : draft
        var scope = fields["applies"].flatMap { self.scope($0, fields.path(of: "applies")) } ?? RuleScope()
        var condition = RuleCondition.all([])
        if let value = fields["when"] {
            condition = self.condition(value, fields.path(of: "when"), zone) ?? condition
        }
        let action = action(fields, condition)
        let tags = fields["tags"].map { texts($0, fields.path(of: "tags")) } ?? []
        let weight = number(fields, "weight") ?? 0
        if fields["action"] == nil, weight == 0, tags.isEmpty {
            report(fields.line, path, "the rule does nothing", "write an action, a weight or tags")
        }
        if action == .tag, tags.isEmpty {
            report(fields.line, path, "the action tag has no tags", "write 'tags: [name]'")
        }
        let direction = onlyDirection(action, condition)
        if let direction, fields["applies"].flatMap({ self.says("direction", $0) }) ?? false {
            if scope.directions != [direction] {
                report(
                    fields.line, path, "what it does or asks exists only for \(direction.rawValue)",
                    "write 'direction: \(direction.rawValue)'")
            }
        } else if let direction {
            scope.directions = [direction]
        }
        let rule = Rule(
            id: id(fields) ?? "", description: text(fields, "description") ?? "", file: file, line: fields.line,
            isEnabled: isEnabled, isDryRun: isDryRun || flag(fields, "dry_run") ?? false,
            priority: integer(fields, "priority", -1_000_000...1_000_000) ?? 0, stops: flag(fields, "stop") ?? false,
            weight: weight, scope: scope, action: action, tags: tags, condition: condition.sorted)
        if let before { draft = before }
        return rule
    }

    private func says(_ name: String, _ value: YAMLValue) -> Bool {
        guard case .map(let members) = value.content else { return false }
        return members.contains { $0.key == name }
    }

    private mutating func id(_ fields: Fields) -> String? {
        guard let value = fields["id"] else {
            report(fields.line, fields.path, "the rule has no id", "write 'id: some-name'")
            return nil
        }
        guard let id = text(value, fields.path(of: "id")) else { return nil }
        let isName = id.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || "-_.".utf8.contains($0)
        }
        if !isName || id.utf8.count > 64 {
            report(value.line, fields.path(of: "id"), "'\(id)' is no id", "write at most 64 of a-z, 0-9, '-', '_', '.'")
        }
        return id
    }

    private mutating func scope(_ value: YAMLValue, _ path: String) -> RuleScope? {
        let known = ["direction", "tenants", "users", "roles", "models", "endpoints"]
        guard let fields = fields(value, path, known: known) else { return nil }
        var scope = RuleScope()
        if let value = fields["direction"] {
            let path = fields.path(of: "direction")
            let items = if case .list(let items) = value.content { items } else { [value] }
            scope.directions = Set(items.compactMap { word($0, path, of: RuleDirection.self) })
        }
        scope.tenants = names(fields, "tenants")
        scope.users = names(fields, "users")
        scope.roles = names(fields, "roles")
        scope.models = names(fields, "models")
        scope.endpoints = names(fields, "endpoints")
        return scope
    }

    private mutating func action(_ fields: Fields, _ condition: RuleCondition) -> RuleAction? {
        guard let value = fields["action"], let word = word(value, fields.path(of: "action"), of: Action.self) else {
            return nil
        }
        for (name, actions) in [
            ("message", [.block, .requireReview]), ("with", [.replace]), ("model", [Action.route]),
        ] where fields[name] != nil && !actions.contains(word) {
            let known = actions.map(\.rawValue).joined(separator: " and ")
            report(
                fields.line, fields.path(of: name), "the action \(word.rawValue) has no '\(name)'", "it is for \(known)"
            )
        }
        switch word {
        case .block: return .block(message: text(fields, "message"))
        case .requireReview: return .requireReview(message: text(fields, "message"))
        case .tag: return .tag
        case .allow: return .allow
        case .route:
            if fields["model"] == nil {
                report(fields.line, fields.path, "it is not said where to route to", "write 'model: name'")
            }
            return .route(model: text(fields, "model") ?? "")
        case .replace:
            // An empty text is a text here.
            guard case .text(let text, _)? = fields.raw("with")?.content else {
                report(fields.line, fields.path, "it is not said what to replace with", "write 'with: \"…\"'")
                return .replace(text: "")
            }
            if condition.positiveLeaves.allSatisfy({ $0.textCondition == nil }) {
                report(
                    fields.line, fields.path, "there is nothing to replace",
                    "write keywords or a regex, not below 'not'")
            }
            return .replace(text: text)
        }
    }

    /// The direction that a rule's action or conditions make sense for, if it is one.
    private func onlyDirection(_ action: RuleAction?, _ condition: RuleCondition) -> RuleDirection? {
        if case .route = action { return .input }
        let asksForAnswer = condition.leaves.contains {
            if case .answer = $0.kind { true } else { false }
        }
        return asksForAnswer ? .output : nil
    }
}
