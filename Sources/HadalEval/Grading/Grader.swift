import Foundation
import HadalClient
import HadalGrammar
import HadalJSON

/// What an answer has to be.
public enum Grader: Sendable, Hashable {
    /// The whole of it, but for spaces around, upper and lower case, and an end mark.
    case exact(String)
    /// All of these are in it, whatever the case.
    case contains([String])
    case containsAny([String])
    case lacks([String])
    /// An expression that something in it matches.
    case regex(String)
    /// The last number in it.
    case number(Double, tolerance: Double)
    /// It is JSON that follows a schema, alone or in a code fence.
    case schema(JSON)
    /// It is JSON with these members among others.
    case json(JSON)
    /// The one tool that is called, with these arguments among others.
    case tool(String, arguments: JSON)
    /// No tool is called.
    case noTool
    /// Most of its letters are of this language's script: `en`, `zh`.
    case language(String)
    /// Characters at most.
    case length(Int)
    /// The model that judges says yes to the question about it.
    case judge(String)

    public enum Verdict: Sendable, Hashable {
        case passed
        case failed(String)
        /// The question for the model that judges.
        case open(String)
    }

    /// Whether an answer is what it has to be, and what is wrong with it.
    public func verdict(on answer: ChatAnswer) -> Verdict {
        let text = answer.content
        switch self {
        case .exact(let wanted):
            return Self.plain(text) == Self.plain(wanted) ? .passed : .failed("is not '\(wanted)'")
        case .contains(let words):
            let missing = words.filter { !Self.has(text, $0) }
            return missing.isEmpty ? .passed : .failed("lacks \(missing.map { "'\($0)'" }.joined(separator: ", "))")
        case .containsAny(let words):
            return words.contains { Self.has(text, $0) }
                ? .passed : .failed("has none of \(words.map { "'\($0)'" }.joined(separator: ", "))")
        case .lacks(let words):
            let found = words.filter { Self.has(text, $0) }
            return found.isEmpty ? .passed : .failed("has \(found.map { "'\($0)'" }.joined(separator: ", "))")
        case .regex(let pattern):
            guard let expression = try? Regex(pattern) else { return .failed("'\(pattern)' is no expression") }
            return text.firstMatch(of: expression) != nil ? .passed : .failed("does not match \(pattern)")
        case .number(let wanted, let tolerance):
            guard let number = Self.lastNumber(text) else { return .failed("has no number") }
            return abs(number - wanted) <= tolerance ? .passed : .failed("says \(number) instead of \(wanted)")
        case .schema(let schema):
            guard let json = Self.json(text) else { return .failed("is no JSON") }
            return SchemaCheck.admits(schema, json) ? .passed : .failed("does not follow the schema")
        case .json(let wanted):
            guard let json = Self.json(text) else { return .failed("is no JSON") }
            return Self.holds(json, wanted) ? .passed : .failed("has not \(wanted.text)")
        case .tool(let name, let arguments):
            guard answer.toolCalls.count == 1, let call = answer.toolCalls.first else {
                return .failed("calls \(answer.toolCalls.count) tools instead of \(name)")
            }
            guard call.name == name else { return .failed("calls \(call.name) instead of \(name)") }
            guard let given = try? JSON(parsing: call.arguments), Self.holds(given, arguments) else {
                return .failed("calls \(name) with \(call.arguments)")
            }
            return .passed
        case .noTool: return answer.toolCalls.isEmpty ? .passed : .failed("calls \(answer.toolCalls[0].name)")
        case .language(let wanted):
            let found = Self.language(of: text)
            return found == wanted ? .passed : .failed("is in \(found ?? "no language") instead of \(wanted)")
        case .length(let most):
            return text.count <= most ? .passed : .failed("has \(text.count) characters instead of at most \(most)")
        case .judge(let question): return .open(question)
        }
    }

    // MARK: texts

    static func plain(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines.union(CharacterSet(charactersIn: ".。!！\"'`*"))).lowercased()
    }

    private static func has(_ text: String, _ word: String) -> Bool {
        text.range(of: word, options: [.caseInsensitive, .widthInsensitive]) != nil
    }

    static func lastNumber(_ text: String) -> Double? {
        text.matches(of: /-?\d[\d,]*(?:\.\d+)?/).last.flatMap { Double($0.output.replacing(",", with: "")) }
    }

    /// The text's JSON, alone or in a code fence.
    static func json(_ text: String) -> JSON? {
        var body = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if let fenced = body.firstMatch(of: /```(?:json)?\s*\n([\s\S]*?)\n```/) { body = String(fenced.output.1) }
        return try? JSON(parsing: body)
    }

    /// Whether all that is wanted is there: members of objects, elements in order, texts whatever their case.
    static func holds(_ found: JSON, _ wanted: JSON) -> Bool {
        switch (found, wanted) {
        case (.object(let object), .object(let members)):
            return members.members.allSatisfy { member in object[member.key].map { holds($0, member.value) } ?? false }
        case (.array(let elements), .array(let values)):
            return elements.count == values.count && zip(elements, values).allSatisfy { holds($0, $1) }
        case (.string(let text), .string(let value)): return plain(text) == plain(value)
        default:
            if let one = found.double, let other = wanted.double { return one == other }
            return found == wanted
        }
    }

    /// By its letters; nil: it has none.
    static func language(of text: String) -> String? {
        var (latin, han) = (0, 0)
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x41...0x5A, 0x61...0x7A: latin += 1
            case 0x3400...0x4DBF, 0x4E00...0x9FFF: han += 1
            default: break
            }
        }
        if latin + han == 0 { return nil }
        // A word of some five letters is one or two characters.
        return han * 3 >= latin ? "zh" : "en"
    }
}
