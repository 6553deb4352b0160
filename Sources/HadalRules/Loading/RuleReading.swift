/// Reads values of one file and collects what is wrong with them.
struct RuleReading {
    let file: String
    /// Keywords and expressions of all files so far.
    var draft: RuleSetDraft
    var problems: [RuleProblem] = []

    /// A group of fields.
    struct Fields {
        let line: Int
        let path: String
        fileprivate let members: [String: YAMLValue]

        subscript(name: String) -> YAMLValue? { members[name].flatMap { $0.isEmpty ? nil : $0 } }

        /// Also where it is empty.
        func raw(_ name: String) -> YAMLValue? { members[name] }

        func path(of name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
    }

    mutating func report(_ line: Int?, _ field: String, _ problem: String, _ advice: String) {
        problems.append(RuleProblem(file: file, line: line, field: field, problem: problem, advice: advice))
    }

    /// - Parameter known: what may stand in it; everything else is a problem.
    mutating func fields(_ value: YAMLValue, _ path: String, known: [String]) -> Fields? {
        guard case .map(let members) = value.content else {
            report(value.line, path, "a group of fields is expected", "write 'name: value' lines below it")
            return nil
        }
        var found: [String: YAMLValue] = [:]
        for member in members {
            if known.contains(member.key) {
                found[member.key] = member.value
            } else {
                let field = path.isEmpty ? member.key : "\(path).\(member.key)"
                report(member.line, field, "there is no such field", "known here: \(known.joined(separator: ", "))")
            }
        }
        return Fields(line: value.line, path: path, members: found)
    }

    mutating func list(_ value: YAMLValue, _ path: String) -> [YAMLValue] {
        guard case .list(let items) = value.content else {
            report(value.line, path, "a list is expected", "begin each of its items with '- '")
            return []
        }
        return items
    }

    mutating func items(_ fields: Fields, _ name: String) -> [YAMLValue] {
        guard let value = fields[name] else { return [] }
        return list(value, fields.path(of: name))
    }

    mutating func text(_ value: YAMLValue, _ path: String) -> String? {
        guard case .text(let text, _) = value.content, !value.isEmpty else {
            report(value.line, path, "a text is expected", "write one value, in quotes where it has ': ' or ' #'")
            return nil
        }
        return text
    }

    mutating func text(_ fields: Fields, _ name: String) -> String? {
        fields[name].flatMap { text($0, fields.path(of: name)) }
    }

    /// One text or a list of them.
    mutating func texts(_ value: YAMLValue, _ path: String) -> [String] {
        guard case .list(let items) = value.content else { return text(value, path).map { [$0] } ?? [] }
        if items.isEmpty { report(value.line, path, "the list is empty", "write at least one value, or remove it") }
        return items.enumerated().compactMap { index, item in text(item, "\(path)[\(index)]") }
    }

    mutating func names(_ fields: Fields, _ name: String) -> [NamePattern] {
        fields[name].map { texts($0, fields.path(of: name)).map { NamePattern($0) } } ?? []
    }

    mutating func flag(_ fields: Fields, _ name: String) -> Bool? {
        guard let value = fields[name], let text = text(value, fields.path(of: name)) else { return nil }
        switch text {
        case "true": return true
        case "false": return false
        default:
            report(value.line, fields.path(of: name), "'\(text)' is neither true nor false", "write true or false")
            return nil
        }
    }

    mutating func integer(_ fields: Fields, _ name: String, _ range: ClosedRange<Int>) -> Int? {
        guard let value = fields[name], let text = text(value, fields.path(of: name)) else { return nil }
        if let number = Int(text), range.contains(number) { return number }
        report(
            value.line, fields.path(of: name),
            "'\(text)' is no whole number from \(range.lowerBound) to \(range.upperBound)",
            "write digits alone")
        return nil
    }

    mutating func number(_ fields: Fields, _ name: String) -> Double? {
        guard let value = fields[name] else { return nil }
        return number(value, fields.path(of: name))
    }

    mutating func number(_ value: YAMLValue, _ path: String) -> Double? {
        guard let text = text(value, path) else { return nil }
        if let number = Double(text), number.isFinite { return number }
        report(value.line, path, "'\(text)' is no number", "write digits, such as 0.8 or 70")
        return nil
    }

    /// One of `words`.
    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ value: YAMLValue, _ path: String, of type: Word.Type
    ) -> Word? where Word.RawValue == String {
        guard let text = text(value, path) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let known = type.allCases.map(\.rawValue).joined(separator: ", ")
        report(value.line, path, "'\(text)' is not known", "write one of \(known)")
        return nil
    }
}
