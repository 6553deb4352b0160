import Yams

/// A value of a YAML file with its line. What a text means is decided by the field it is for, never by YAML 1.1's rules, for
/// which `no` is false and `22:00` a number.
struct YAMLValue {
    enum Content {
        case text(String, isPlain: Bool)
        case list([YAMLValue])
        case map([Member])
    }

    struct Member {
        let key: String
        let line: Int
        let value: YAMLValue
    }

    struct Defect: Error {
        var line: Int?
        var problem: String
        var advice: String
    }

    let line: Int
    let content: Content

    /// Nothing was written, or YAML's null.
    var isEmpty: Bool {
        guard case .text(let text, isPlain: true) = content else { return false }
        return text.isEmpty || text == "~" || text == "null"
    }

    /// - Returns: the only document of the file; nil for one that says nothing.
    static func read(_ bytes: [UInt8]) throws(Defect) -> YAMLValue? {
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        guard let text = String(validating: content, as: UTF8.self) else {
            throw Defect(problem: "the text is not UTF-8", advice: "save the file as UTF-8")
        }
        do {
            // As a tag an anchor repeats nothing; an alias is then one of an anchor that is not there.
            let parser = try Yams.Parser(yaml: text.replacing("&", with: "!&"), resolver: .basic, encoding: .utf8)
            return try parser.singleRoot().map { node in try YAMLValue(node) }
        } catch let error as Defect {
            throw error
        } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
            let names = keys.map { "'\($0.replacing("!&", with: "&"))'" }.joined(separator: ", ")
            throw Defect(line: context.mark.line, problem: "\(names) is given twice", advice: "keep one of them")
        } catch YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _) {
            throw Defect(
                line: mark.line, problem: "this is not YAML: \(problem)",
                advice: "check the indentation, quotes and brackets here and in the line above")
        } catch YamlError.composer(_, let problem, let mark, _) {
            let isAlias = problem.contains("alias")
            throw Defect(
                line: mark.line, problem: isAlias ? "an alias, which rules do not have" : "a second document",
                advice: isAlias ? "write the value itself, or put it in quotes" : "keep one")
        } catch {
            throw Defect(problem: "this is not YAML", advice: "check the file")
        }
    }

    private init(_ node: Node) throws(Defect) {
        line = node.mark?.line ?? 1
        let tag = node.tag.description
        let plain: [Tag.Name] = [.implicit, .str, .seq, .map]
        guard plain.contains(where: { $0.rawValue == tag }) else {
            throw Defect(
                line: line, problem: "the tag or anchor '\(tag.replacing("!&", with: "&"))', which rules do not have",
                advice: "remove it, or put the value in quotes")
        }
        switch node {
        case .scalar(let scalar):
            content = .text(scalar.string.replacing("!&", with: "&"), isPlain: scalar.style == .plain)
        case .sequence(let sequence):
            var items: [YAMLValue] = []
            for item in sequence { items.append(try YAMLValue(item)) }
            content = .list(items)
        case .mapping(let mapping):
            var members: [Member] = []
            for (key, value) in mapping {
                guard case .text(let name, _) = try YAMLValue(key).content else {
                    throw Defect(line: line, problem: "a name that is no text", advice: "write 'name: value'")
                }
                members.append(Member(key: name, line: key.mark?.line ?? line, value: try YAMLValue(value)))
            }
            content = .map(members)
        case .alias:
            throw Defect(line: line, problem: "an alias, which rules do not have", advice: "write the value itself")
        }
    }
}
