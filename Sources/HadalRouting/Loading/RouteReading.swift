import HadalJSON

/// Reads configured routes and collects what is wrong with them.
///
/// A scalar is taken by its text, so that it does not matter whether YAML's reader told numbers from texts.
struct RouteReading {
    var problems: [RouteProblem] = []

    /// A group of fields.
    struct Fields {
        let path: String
        fileprivate let object: JSON.Object

        /// nil also where it is empty (`rules:` with nothing behind it).
        subscript(name: String) -> JSON? { object[name].flatMap { $0.isNull ? nil : $0 } }

        func path(of name: String) -> String { "\(path).\(name)" }
    }

    mutating func report(_ field: String, _ problem: String, _ advice: String) {
        problems.append(RouteProblem(field: field, problem: problem, advice: advice))
    }

    /// - Parameter known: what may stand in it; everything else is a problem.
    mutating func fields(_ value: JSON, _ path: String, known: [String]) -> Fields? {
        guard let object = value.object else {
            report(path, "a group of fields is expected", "write 'name: value' lines below it")
            return nil
        }
        for key in object.keys where !known.contains(key) {
            report("\(path).\(key)", "there is no such field", "known here: \(known.joined(separator: ", "))")
        }
        return Fields(path: path, object: object)
    }

    mutating func list(_ value: JSON, _ path: String) -> [JSON] {
        guard let items = value.array else {
            report(path, "a list is expected", "begin each of its items with '- '")
            return []
        }
        return items
    }

    mutating func text(_ value: JSON, _ path: String) -> String? {
        switch value {
        case .string(let text) where !text.isEmpty: return text
        case .int(let number): return "\(number)"
        case .double(let number): return "\(number)"
        case .bool(let flag): return "\(flag)"
        default:
            report(path, "a text is expected", "write one value that is not empty")
            return nil
        }
    }

    /// One text or a list of them.
    mutating func texts(_ value: JSON, _ path: String) -> [String] {
        guard let items = value.array else { return text(value, path).map { [$0] } ?? [] }
        if items.isEmpty { report(path, "the list is empty", "write at least one value, or remove it") }
        return items.enumerated().compactMap { index, item in text(item, "\(path)[\(index)]") }
    }

    mutating func name(_ fields: Fields, _ name: String) -> String? {
        guard let value = fields[name] else {
            report(fields.path(of: name), "it is missing", "write '\(name): some-name'")
            return nil
        }
        return text(value, fields.path(of: name))
    }

    mutating func flag(_ fields: Fields, _ name: String) -> Bool? {
        guard let value = fields[name], let text = text(value, fields.path(of: name)) else { return nil }
        if let flag = Bool(text) { return flag }
        report(fields.path(of: name), "'\(text)' is neither true nor false", "write true or false")
        return nil
    }

    mutating func integer(_ value: JSON, _ path: String, _ range: ClosedRange<Int>) -> Int? {
        guard let text = text(value, path) else { return nil }
        if let number = Int(text), range.contains(number) { return number }
        report(
            path, "'\(text)' is no whole number from \(range.lowerBound) to \(range.upperBound)", "write digits alone")
        return nil
    }

    mutating func duration(_ fields: Fields, _ name: String) -> Duration? {
        guard let value = fields[name], let text = text(value, fields.path(of: name)) else { return nil }
        if let duration = DurationText.parse(text), duration > .zero { return duration }
        report(
            fields.path(of: name), "'\(text)' is no duration",
            "write a whole number above 0 and ms, s, m, h or d, such as 30s")
        return nil
    }

    /// One of `words`.
    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ value: JSON, _ path: String, of type: Word.Type
    ) -> Word? where Word.RawValue == String {
        guard let text = text(value, path) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let known = type.allCases.map(\.rawValue).joined(separator: ", ")
        report(path, "'\(text)' is not known", "write one of \(known)")
        return nil
    }
}
