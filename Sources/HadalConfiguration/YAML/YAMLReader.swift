import Yams

/// Reads YAML into nodes that know their places. The only document of the text; tags are refused; anchors, aliases and merge
/// keys (`<<`) count what they repeat, so that nothing grows beyond the limits.
struct YAMLReader {
    /// Of a tree, with what aliases repeat.
    static let nodesLimit = 20_000
    static let depthLimit = 32

    private var text: YAMLText
    private let source: (_ line: Int, _ column: Int) -> SettingSource
    private var anchors: [String: YAMLNode] = [:]
    private var nodes = 0
    private(set) var problems: [ConfigurationProblem] = []

    /// Ends the reading: nothing beyond it can be understood.
    private struct Stop: Error {}

    /// - Parameter source: the place of a line and column.
    private init(_ text: String, source: @escaping (_ line: Int, _ column: Int) -> SettingSource) {
        self.text = YAMLText(text)
        self.source = source
    }

    /// - Returns: the root, nil for a text that says nothing or cannot be understood; and what is wrong.
    static func read(
        _ text: String, source: @escaping (_ line: Int, _ column: Int) -> SettingSource
    ) -> (root: YAMLNode?, problems: [ConfigurationProblem]) {
        var reader = YAMLReader(text, source: source)
        let root = try? reader.root()
        return (root ?? nil, reader.problems)
    }

    private mutating func root() throws(Stop) -> YAMLNode? {
        guard let node = try parse() else { return nil }
        return try convert(node, depth: 0)
    }

    /// Yams stops at a key that is given twice. It is marked, so that reading can go on and tell everything.
    private mutating func parse() throws(Stop) -> Node? {
        while true {
            do {
                return try Yams.Parser(yaml: text.text, resolver: .basic, encoding: .utf8).singleRoot()
            } catch YamlError.duplicatedKeysInMapping(_, let context) {
                guard !text.markKey(line: context.mark.line, column: context.mark.column) else { continue }
                try fail(
                    context.mark, "a setting is given more than once in its group", "keep one of them")
            } catch {
                let syntax = YAMLSyntaxProblem(error, in: text)
                try fail(syntax.mark, syntax.problem, syntax.advice)
            }
        }
    }

    private mutating func convert(_ node: Node, depth: Int) throws(Stop) -> YAMLNode {
        guard depth <= Self.depthLimit else {
            try fail(node.mark, "more than \(Self.depthLimit) levels", "nest less deeply")
        }
        try countNodes(1, at: node.mark)
        if let name = aliasName(of: node) { return try resolve(name, at: node.mark, depth: depth) }
        let content: YAMLNode.Content
        switch node {
        case .scalar(let scalar):
            content = .text(YAMLText.restored(scalar.string), isPlain: scalar.style == .plain)
        case .sequence(let sequence):
            var items: [YAMLNode] = []
            for item in sequence { items.append(try convert(item, depth: depth + 1)) }
            content = .list(items)
        case .mapping(let mapping): content = .map(try members(mapping, depth: depth))
        case .alias: try fail(node.mark, "an alias that was not resolved", "write the value itself")
        }
        let converted = YAMLNode(content, source: place(node.mark))
        if let anchor = try anchorName(of: node) { anchors[anchor] = converted }
        return converted
    }

    private mutating func members(_ mapping: Node.Mapping, depth: Int) throws(Stop) -> [YAMLNode.Member] {
        var members: [YAMLNode.Member] = []
        var merged: [YAMLNode.Member] = []
        var places: [String: SettingSource] = [:]
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key, aliasName(of: key) == nil, try anchorName(of: key) == nil else {
                try fail(key.mark, "a name of a setting that is no plain text", "write 'name: value'")
            }
            let name = YAMLText.restored(YAMLText.withoutKeyMark(scalar.string))
            let node = try convert(value, depth: depth + 1)
            if name == "<<", scalar.style == .plain {
                merged += membersToMerge(node)
            } else if let first = places[name] {
                problems.append(
                    ConfigurationProblem(
                        source: place(key.mark), path: "",
                        problem: "\(quoted(name)) is given twice, first at \(first)", advice: "keep one of them"))
            } else {
                places[name] = place(key.mark)
                members.append(YAMLNode.Member(key: name, source: place(key.mark), value: node))
            }
        }
        // What the group says itself comes before what it takes over, and the first merged before the later.
        for member in merged where places[member.key] == nil {
            places[member.key] = member.source
            members.append(member)
        }
        return members
    }

    private mutating func membersToMerge(_ node: YAMLNode) -> [YAMLNode.Member] {
        switch node.content {
        case .map(let members): return members
        case .list(let items): return items.flatMap { membersToMerge($0) }
        case .text:
            problems.append(
                ConfigurationProblem(
                    source: node.source, path: "", problem: "'<<' takes over groups of settings, and this is none",
                    advice: "write '<<: *name' with the name of an anchor"))
            return []
        }
    }

    private mutating func resolve(_ name: String, at mark: Mark?, depth: Int) throws(Stop) -> YAMLNode {
        guard let node = anchors[name] else {
            try fail(
                mark, "the alias \(quoted("*" + name)) stands for nothing",
                "put '&\(name)' before the value that it repeats, further up")
        }
        guard depth + node.height <= Self.depthLimit else {
            try fail(mark, "more than \(Self.depthLimit) levels by aliases", "nest less deeply")
        }
        try countNodes(node.count, at: mark)
        return node
    }

    private mutating func countNodes(_ count: Int, at mark: Mark?) throws(Stop) {
        nodes += count
        guard nodes <= Self.nodesLimit else {
            try fail(
                mark, "more than \(Self.nodesLimit) values, those repeated by aliases counted",
                "check that it is the configuration, and use fewer aliases")
        }
    }

    /// An alias is a plain text with our mark before its star, which no other plain text begins with.
    private func aliasName(of node: Node) -> String? {
        guard case .scalar(let scalar) = node, scalar.style == .plain else { return nil }
        let text = YAMLText.withoutKeyMark(scalar.string).unicodeScalars
        guard text.starts(with: [YAMLText.aliasMark, "*"]) else { return nil }
        return String(text.dropFirst(2))
    }

    /// An anchor is a tag `!&name`; quoted text has the tag of a string.
    private mutating func anchorName(of node: Node) throws(Stop) -> String? {
        let tag = node.tag.description
        if tag.hasPrefix("!&") { return String(tag.dropFirst(2)) }
        let plain: [Tag.Name] = [.implicit, .str, .seq, .map]
        guard plain.contains(where: { $0.rawValue == tag }) else {
            try fail(node.mark, "the tag \(quoted(YAMLText.restored(tag)))", "remove it: no setting needs a tag")
        }
        return nil
    }

    private func place(_ mark: Mark?) -> SettingSource {
        guard let mark else { return source(1, 1) }
        return source(mark.line, text.column(line: mark.line, column: mark.column))
    }

    private mutating func fail(_ mark: Mark?, _ problem: String, _ advice: String) throws(Stop) -> Never {
        problems.append(ConfigurationProblem(source: place(mark), path: "", problem: problem, advice: advice))
        throw Stop()
    }
}
