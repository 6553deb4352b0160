import HadalJSON

/// Finds the ways to satisfy schemas: what `$ref`, `allOf`, `anyOf`, `oneOf`, `not`, `if` and the keywords of each kind
/// come to, as lists of alternatives.
struct SchemaExpansion {
    let limits: GrammarLimits
    var document: SchemaDocument
    private var expanded: [Literal: [Alternative]] = [:]
    private var conjunctions: [[Literal]: [Alternative]] = [:]
    /// Being expanded: schemas that lead to themselves without a step into a value.
    private var active: Set<Literal> = []
    private var depth = 0
    private var patterns: [String: ScalarAutomaton] = [:]

    init(_ document: SchemaDocument, limits: GrammarLimits) {
        self.document = document
        self.limits = limits
    }

    // MARK: alternatives

    /// All of the schemas.
    mutating func alternatives(_ literals: [Literal]) throws(GrammarError) -> [Alternative] {
        if literals.count == 1 { return try alternatives(literals[0]) }
        if let known = conjunctions[literals] { return known }
        var result = [Alternative(path: literals.first.map { path(of: $0) } ?? "")]
        for literal in literals {
            result = try product(result, try alternatives(literal), keyword: "allOf", path: path(of: literal))
        }
        conjunctions[literals] = result
        return result
    }

    mutating func alternatives(_ literal: Literal) throws(GrammarError) -> [Alternative] {
        if let known = expanded[literal] { return known }
        let node = document.nodes[Int(literal.schema)]
        guard active.insert(literal).inserted else {
            throw .invalidSchema(path: node.path, problem: "it refers to itself before any value is read")
        }
        depth += 1
        defer {
            active.remove(literal)
            depth -= 1
        }
        guard depth <= limits.depth else { throw .limitExceeded(what: "nesting of schemas", limit: limits.depth) }
        guard expanded.count < limits.schemas else {
            throw .limitExceeded(what: "schemas", limit: limits.schemas)
        }
        var result: [Alternative]
        switch node.json {
        case .bool(let value): result = value != literal.isNegated ? [Alternative(path: node.path)] : []
        case .object(let object):
            let schema = Keywords(id: literal.schema, path: node.path, object: object)
            result = try literal.isNegated ? negated(schema) : all(of: schema)
        default: throw .invalidSchema(path: node.path, problem: "a schema is an object, true or false")
        }
        // What must not match evaluates nothing.
        if literal.isNegated { for index in result.indices { result[index].dropEvaluations() } }
        expanded[literal] = result
        return result
    }

    func path(of literal: Literal) -> String { document.nodes[Int(literal.schema)].path }

    func product(
        _ left: [Alternative], _ right: [Alternative], keyword: String, path: String
    ) throws(GrammarError) -> [Alternative] {
        var result: [Alternative] = []
        for first in left {
            for second in right {
                guard let both = first.and(second) else { continue }
                result.append(both)
                guard result.count <= limits.alternatives else {
                    throw .unsupported(
                        keyword: keyword, path: path,
                        problem: "together with what stands beside it there are more than \(limits.alternatives) ways")
                }
            }
        }
        return result
    }

    /// Any of the schemas.
    private mutating func union(
        _ literals: [Literal], keyword: String, path: String
    ) throws(GrammarError) -> [Alternative] {
        var result: [Alternative] = []
        for literal in literals {
            result += try alternatives(literal)
            guard result.count <= limits.alternatives else {
                throw .unsupported(
                    keyword: keyword, path: path, problem: "there are more than \(limits.alternatives) ways")
            }
        }
        return result
    }

    /// The automaton of a pattern that may match anywhere in a string.
    mutating func pattern(_ source: String, _ schema: Keywords, keyword: String) throws(GrammarError) -> ScalarAutomaton
    {
        if let known = patterns[source] { return known }
        do {
            let automaton = try ScalarAutomaton(pattern: source, isSearch: true, limits: limits)
            patterns[source] = automaton
            return automaton
        } catch {
            throw .unsupported(keyword: keyword, path: schema.path(keyword), problem: error.description)
        }
    }

    mutating func format(_ name: String, _ schema: Keywords) throws(GrammarError) -> ScalarAutomaton? {
        guard let source = StringFormats.pattern(name) else { return nil }
        let key = "format \(name)"
        if let known = patterns[key] { return known }
        let automaton = try ScalarAutomaton(pattern: source, isSearch: false, limits: limits)
        patterns[key] = automaton
        return automaton
    }

    // MARK: a schema

    /// What one schema's keywords say together.
    private mutating func all(of schema: Keywords) throws(GrammarError) -> [Alternative] {
        if document.hidesSiblingsOfReferences, schema.object["$ref"] != nil { return try referenced(schema) }
        try schema.refuseUnsupported()
        var result = [try ownConditions(of: schema)].compactMap { $0 }
        func and(_ others: [Alternative], _ keyword: String) throws(GrammarError) {
            result = try product(result, others, keyword: keyword, path: schema.path(keyword))
        }
        if schema.object["$ref"] != nil { try and(try referenced(schema), "$ref") }
        for child in try schema.schemas("allOf", &document) { try and(try alternatives(child), "allOf") }
        if let children = try schema.nonEmptySchemas("anyOf", &document) {
            try and(try union(children, keyword: "anyOf", path: schema.path("anyOf")), "anyOf")
        }
        if let children = try schema.nonEmptySchemas("oneOf", &document) {
            try and(try exactlyOne(children, schema), "oneOf")
        }
        if let child = try schema.schema("not", &document) { try and(try alternatives(child.negation), "not") }
        if let condition = try schema.schema("if", &document) {
            let then = try schema.schema("then", &document)
            let otherwise = try schema.schema("else", &document)
            if then != nil || otherwise != nil {
                let met = try alternatives([condition, then ?? .anything])
                let unmet = try alternatives([condition.negation, otherwise ?? .anything])
                try and(met + unmet, "if")
            }
        }
        for (keyword, name, dependency) in try schema.dependencies(&document) {
            let absent = Alternative.without(name, path: schema.path(keyword))
            var present = Alternative(path: schema.path(keyword), .object)
            present.required = [name]
            switch dependency {
            case .names(let names):
                present.required += names
                try and([absent, present], keyword)
            case .schema(let literal):
                let both = try product(
                    [present], try alternatives(literal), keyword: keyword, path: schema.path(keyword))
                try and([absent] + both, keyword)
            }
        }
        try addUnevaluated(schema, &result)
        return result
    }

    private mutating func referenced(_ schema: Keywords) throws(GrammarError) -> [Alternative] {
        guard let reference = schema.object["$ref"]?.string else {
            throw .invalidSchema(path: schema.path("$ref"), problem: "a reference is a string")
        }
        guard let target = document.resolve(reference, in: schema.id) else {
            throw .unsupported(
                keyword: "$ref", path: schema.path("$ref"), problem: "'\(reference)' is not in this document")
        }
        return try alternatives(Literal(schema: target))
    }

    /// What the keywords say that look at no other schema of the same value.
    private mutating func ownConditions(of schema: Keywords) throws(GrammarError) -> Alternative? {
        var own = Alternative(path: schema.path)
        if let (kinds, isInteger) = try schema.kinds() {
            own.kinds = kinds
            own.isInteger = isInteger
        }
        if let value = schema.object["const"] { own.values = [value] }
        if let values = try schema.array("enum") {
            guard values.count <= limits.choices else {
                throw .unsupported(
                    keyword: "enum", path: schema.path("enum"), problem: "it has more than \(limits.choices) values")
            }
            own.values = own.values.map { $0.filter { value in values.contains { value.isSame(as: $0) } } } ?? values
        }
        (own.lower, own.upper) = try schema.bounds()
        if let multiple = try schema.multiple() { own.multiples = [multiple] }
        own.minLength = try schema.count("minLength") ?? 0
        own.maxLength = try schema.count("maxLength")
        if let source = try schema.string("pattern") {
            own.texts.append(try pattern(source, schema, keyword: "pattern"))
        }
        if let name = try schema.string("format"), let automaton = try format(name, schema) {
            own.texts.append(automaton)
        }
        try schema.readItems(into: &own, &document)
        try readMembers(schema, into: &own)
        // Not `own` itself: kinds without a value are dropped.
        return Alternative(path: schema.path).and(own)
    }

    private mutating func readMembers(_ schema: Keywords, into own: inout Alternative) throws(GrammarError) {
        var members = Alternative.Members()
        members.properties = try schema.namedSchemas("properties", &document)
        for (source, literal) in try schema.namedSchemas("patternProperties", &document) {
            members.patterns.append((try pattern(source, schema, keyword: "patternProperties"), literal))
        }
        members.additional = try schema.schema("additionalProperties", &document)
        if !members.properties.isEmpty || !members.patterns.isEmpty || members.additional != nil {
            own.members = [members]
        }
        own.required = try schema.names("required") ?? []
        own.minProperties = try schema.count("minProperties") ?? 0
        own.maxProperties = try schema.count("maxProperties")
        if let names = try schema.schema("propertyNames", &document) { own.names = [names] }
    }

    /// `oneOf`: each of the schemas without those of the others that it could go with.
    private mutating func exactlyOne(_ literals: [Literal], _ schema: Keywords) throws(GrammarError) -> [Alternative] {
        let path = schema.path("oneOf")
        var result: [Alternative] = []
        for (index, literal) in literals.enumerated() {
            var own = try alternatives(literal)
            for (number, other) in literals.enumerated() where number != index {
                if try areDisjoint(own, try alternatives(other), depth: 3) { continue }
                do throws(GrammarError) {
                    own = try product(own, try alternatives(other.negation), keyword: "oneOf", path: path)
                } catch {
                    throw .unsupported(
                        keyword: "oneOf", path: path,
                        problem: "its schemas \(index) and \(number) may match the same value (\(error)); use anyOf, "
                            + "or a required property with a const in each")
                }
            }
            result += own
        }
        return result
    }

    /// `unevaluatedProperties` and `unevaluatedItems`: with one way chosen, it is known what the schemas beside them look
    /// at. Where several ways hold at once, a value is allowed only if one of them alone allows it.
    private mutating func addUnevaluated(
        _ schema: Keywords, _ result: inout [Alternative]
    ) throws(GrammarError) {
        if let literal = try schema.schema("unevaluatedProperties", &document) {
            for index in result.indices {
                let evaluated = result[index].members.filter(\.isEvaluation)
                guard !evaluated.contains(where: { $0.additional != nil }) else { continue }
                var members = Alternative.Members()
                members.properties = evaluated.flatMap(\.properties).map { ($0.name, .anything) }
                members.patterns = evaluated.flatMap(\.patterns).map { ($0.names, .anything) }
                members.additional = literal
                result[index].members.append(members)
            }
        }
        if let literal = try schema.schema("unevaluatedItems", &document) {
            for index in result.indices {
                let evaluated = result[index].items.filter(\.isEvaluation)
                guard !evaluated.contains(where: { $0.rest != nil }) else { continue }
                let count = evaluated.map(\.prefix.count).max() ?? 0
                result[index].items.append(
                    .init(prefix: Array(repeating: .anything, count: count), rest: literal))
            }
        }
    }
}

extension Alternative {
    /// No object with this member.
    static func without(_ name: String, path: String) -> Alternative {
        var result = Alternative(path: path)
        result.members = [.init(properties: [(name, .nothing)], isEvaluation: false)]
        return result
    }
}
