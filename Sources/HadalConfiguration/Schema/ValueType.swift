import HadalJSON

/// How environment variables and options write a setting.
enum SettingForm: Sendable {
    /// As in a file, but never in quotes.
    case scalar
    /// Values with commas between them, or a list as in a file.
    case list
    /// As in a file, in one line.
    case structure
}

/// How a setting's value is read, checked and written.
struct ValueType<Value: Sendable & Hashable>: Sendable {
    /// For people: `duration, 1s to 1h`.
    var name: String
    /// A value, as it stands in a file.
    var example: String
    var form = SettingForm.scalar
    /// Reports what is wrong and returns nil.
    var read: @Sendable (_ node: YAMLNode, _ path: String, _ reading: inout Reading) -> Value?
    var json: @Sendable (Value) -> JSON
}

/// What is wrong with a text.
struct WrongValue: Error {
    var problem: String
    var advice: String
}

extension ValueType {
    /// A value that is one text.
    /// - Parameter parse: takes the text, and the directory that relative paths begin at.
    static func scalar(
        _ name: String, example: String,
        parse: @escaping @Sendable (_ text: String, _ directory: String) throws(WrongValue) -> Value,
        json: @escaping @Sendable (Value) -> JSON
    ) -> ValueType {
        ValueType(
            name: name, example: example,
            read: { node, path, reading in
                guard case .text(let text, _) = node.content, !node.isEmpty else {
                    reading.report(expecting: name, example, node, path)
                    return nil
                }
                do throws(WrongValue) {
                    return try parse(text, reading.directory)
                } catch {
                    reading.report(error.problem, error.advice, at: node.source, path)
                    return nil
                }
            }, json: json)
    }
}

extension Reading {
    /// Something else stands there than can.
    mutating func report(expecting name: String, _ example: String, _ node: YAMLNode, _ path: String) {
        report(
            "\(node.shape) where \(quoted(name, limit: 200)) is expected",
            "write for example '\(SettingPath.key(of: path)): \(example)'",
            at: node.source, path)
    }
}

extension ValueType {
    /// Items of one type, in a list. One item may stand alone.
    static func list<Item>(of item: ValueType<Item>) -> ValueType<[Item]> where Value == [Item] {
        let name = "list of: \(item.name)"
        let example = "[\(item.example)]"
        return ValueType<[Item]>(
            name: name, example: example, form: .list,
            read: { node, path, reading in
                switch node.content {
                case .list(let nodes):
                    let items = nodes.enumerated().map { item.read($1, "\(path)[\($0)]", &reading) }
                    return items.contains(nil) ? nil : items.compactMap(\.self)
                case .text where !node.isEmpty: return item.read(node, path, &reading).map { [$0] }
                case .text, .map:
                    reading.report(expecting: name, example, node, path)
                    return nil
                }
            }, json: { .array($0.map(item.json)) })
    }

    /// Values under names that are not ours.
    static func map<Item>(to item: ValueType<Item>, name: String, example: String) -> ValueType<[String: Item]>
    where Value == [String: Item] {
        ValueType<[String: Item]>(
            name: name, example: example, form: .structure,
            read: { node, path, reading in
                guard case .map(let members) = node.content else {
                    reading.report(expecting: name, example, node, path)
                    return nil
                }
                var values: [String: Item] = [:]
                for member in members {
                    values[member.key] = item.read(member.value, SettingPath.join(path, member.key), &reading)
                }
                return values.count == members.count ? values : nil
            }, json: { .object(.init($0.sorted { $0.key < $1.key }.map { ($0.key, item.json($0.value)) })) })
    }

    /// A value or `none`.
    static func optional<Wrapped>(_ type: ValueType<Wrapped>) -> ValueType where Value == Wrapped? {
        ValueType(
            name: "\(type.name), or none", example: type.example, form: type.form,
            read: { node, path, reading in
                if case .text("none", _) = node.content { return .some(nil) }
                return type.read(node, path, &reading).map { .some($0) }
            }, json: { $0.map(type.json) ?? "none" })
    }

    /// A value that need not be given, and is nil then.
    static func given<Wrapped>(_ type: ValueType<Wrapped>) -> ValueType where Value == Wrapped? {
        ValueType(
            name: type.name, example: type.example, form: type.form,
            read: { node, path, reading in type.read(node, path, &reading).map { .some($0) } },
            json: { $0.map(type.json) ?? .null })
    }
}
