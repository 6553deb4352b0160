import Foundation
import HadalJSON
import Yams

extension EvalSuite {
    private static let bytesMax = 16 << 20

    /// Reads a suite from YAML or JSON (docs/eval.md).
    public init(file: String) throws(EvalError) {
        guard let data = FileManager.default.contents(atPath: file), data.count <= Self.bytesMax else {
            throw .unreadable(file: file)
        }
        try self.init(text: String(decoding: data, as: UTF8.self), file: file)
    }

    init(text: String, file: String) throws(EvalError) {
        let json: JSON
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw EvalError.badSuite(file: file, field: "file", problem: "is empty")
            }
            json = try SuiteReader.json(node)
        } catch let error as EvalError { throw error } catch {
            throw .badSuite(file: file, field: "file", problem: "\(error)")
        }
        try self.init(json, SuiteReader(file: file))
    }

    fileprivate init(_ json: JSON, _ reader: SuiteReader) throws(EvalError) {
        name = try reader.text(json, "name", "name")
        let members = try reader.list(json, "scenarios", "scenarios")
        scenarios = []
        for (index, member) in members.enumerated() {
            scenarios.append(try Scenario(member, "scenarios[\(index)]", reader))
        }
        let names = scenarios.map(\.name)
        if let double = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw reader.failure("scenarios", "'\(double)' is there twice")
        }
    }
}

extension EvalSuite.Scenario {
    fileprivate init(_ json: JSON, _ field: String, _ reader: SuiteReader) throws(EvalError) {
        name = try reader.text(json, "name", field + ".name")
        category = try reader.text(json, "category", field + ".category")
        language = json["language"]?.string ?? "en"
        about = json["about"]?.string ?? ""
        labels = (json["labels"]?.array ?? []).compactMap(\.string)
        isConsistency = json["consistency"]?.bool ?? false
        items = []
        for (index, member) in try reader.list(json, "items", field + ".items").enumerated() {
            items.append(try EvalSuite.Item(member, defaults: json, labels, "\(field).items[\(index)]", reader))
        }
    }
}

extension EvalSuite.Item {
    /// - Parameter defaults: the scenario, whose `system`, `tools`, `schema`, `tokens` and `grade` count for items without.
    fileprivate init(
        _ json: JSON, defaults: JSON, _ labels: [String], _ field: String, _ reader: SuiteReader
    ) throws(EvalError) {
        func member(_ name: String) -> JSON? { json[name] ?? defaults[name] }
        system = member("system")?.string
        let asked = json["ask"]?.string.map { [$0] } ?? (json["turns"]?.array ?? []).compactMap(\.string)
        turns = asked.map(Filler.expanded)
        guard !turns.isEmpty else { throw reader.failure(field, "has neither 'ask' nor 'turns'") }
        tools = member("tools")?.array ?? []
        schema = member("schema")
        answerTokens = member("tokens")?.int ?? 512
        guard (1...1 << 20).contains(answerTokens) else {
            throw reader.failure(field + ".tokens", "is no number of tokens")
        }
        label = json["label"]?.string
        graders = []
        for (index, grader) in (member("grade")?.array ?? []).enumerated() {
            graders.append(try reader.grader(grader, "\(field).grade[\(index)]"))
        }
        if let label {
            guard labels.contains(label) else {
                throw reader.failure(field + ".label", "'\(label)' is none of the labels")
            }
        } else if graders.isEmpty {
            throw reader.failure(field, "has neither 'grade' nor 'label', so that nothing is asked of its answer")
        }
    }
}

/// Reads parts of a suite, and says in which field a bad one stands.
private struct SuiteReader {
    let file: String

    func failure(_ field: String, _ problem: String) -> EvalError {
        .badSuite(file: file, field: field, problem: problem)
    }

    func text(_ json: JSON, _ key: String, _ field: String) throws(EvalError) -> String {
        guard let text = json[key]?.string, !text.isEmpty else { throw failure(field, "missing, or no text") }
        return text
    }

    func list(_ json: JSON, _ key: String, _ field: String) throws(EvalError) -> [JSON] {
        guard let list = json[key]?.array, !list.isEmpty else { throw failure(field, "missing, or no list") }
        return list
    }

    /// An object with one member, which names the grader.
    func grader(_ json: JSON, _ field: String) throws(EvalError) -> Grader {
        if json.string == "no_tool" { return .noTool }
        guard let member = json.object?.members.first, json.object?.count == 1 else {
            throw failure(field, "is no object with one member, such as contains: [a, b]")
        }
        let value = member.value
        func words() throws(EvalError) -> [String] {
            let words = value.string.map { [$0] } ?? (value.array ?? []).compactMap(\.string)
            guard !words.isEmpty else { throw failure(field + "." + member.key, "is no list of texts") }
            return words
        }
        func word() throws(EvalError) -> String {
            guard let word = value.string else { throw failure(field + "." + member.key, "is no text") }
            return word
        }
        switch member.key {
        case "exact": return .exact(try word())
        case "contains": return .contains(try words())
        case "contains_any": return .containsAny(try words())
        case "lacks": return .lacks(try words())
        case "regex":
            let pattern = try word()
            guard (try? Regex(pattern)) != nil else { throw failure(field + ".regex", "'\(pattern)' is no expression") }
            return .regex(pattern)
        case "number":
            guard let number = value.double ?? value["value"]?.double else {
                throw failure(field + ".number", "is no number")
            }
            return .number(number, tolerance: value["tolerance"]?.double ?? 1e-6)
        case "schema": return .schema(value)
        case "json": return .json(value)
        case "tool":
            guard let name = value["name"]?.string else { throw failure(field + ".tool.name", "missing, or no text") }
            return .tool(name, arguments: value["arguments"] ?? [:])
        case "language": return .language(try word())
        case "length":
            guard let length = value.int, length > 0 else { throw failure(field + ".length", "is no number") }
            return .length(length)
        case "judge": return .judge(try word())
        default: throw failure(field, "no grader '\(member.key)'")
        }
    }

    // MARK: YAML

    static func json(_ node: Node, depth: Int = 0) throws -> JSON {
        struct TooDeep: Error, CustomStringConvertible { let description = "it is nested too deeply" }
        guard depth < 64 else { throw TooDeep() }
        switch node {
        case .mapping(let mapping):
            return .object(
                JSON.Object(
                    try mapping.map { key, value in (key.string ?? "", try json(value, depth: depth + 1)) }))
        case .sequence(let sequence): return .array(try sequence.map { try json($0, depth: depth + 1) })
        case .scalar(let scalar):
            // What stands in quotes is a text.
            guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
            if let value = node.int { return .int(Int64(value)) }
            if let value = node.float { return .double(value) }
            if let value = node.bool { return .bool(value) }
            return node.null != nil ? .null : .string(scalar.string)
        case .alias: return .null
        }
    }
}
