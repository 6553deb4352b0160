import HadalJSON

extension SchemaExpansion {
    /// The ways not to satisfy a schema: one of its keywords fails (De Morgan).
    mutating func negated(_ schema: Keywords) throws(GrammarError) -> [Alternative] {
        if document.hidesSiblingsOfReferences, schema.object["$ref"] != nil { return try notReferenced(schema) }
        try schema.refuseUnsupported()
        var result: [Alternative] = []
        if schema.object["$ref"] != nil { result += try notReferenced(schema) }
        for child in try schema.schemas("allOf", &document) { result += try alternatives(child.negation) }
        if let children = try schema.nonEmptySchemas("anyOf", &document) {
            result += try alternatives(children.map(\.negation))
        }
        if let children = try schema.nonEmptySchemas("oneOf", &document) {
            guard children.count == 1 else { throw unsupported("oneOf", schema) }
            result += try alternatives(children[0].negation)
        }
        if let child = try schema.schema("not", &document) { result += try alternatives(child) }
        if let condition = try schema.schema("if", &document) {
            if let then = try schema.schema("then", &document) {
                result += try alternatives([condition, then.negation])
            }
            if let otherwise = try schema.schema("else", &document) {
                result += try alternatives([condition.negation, otherwise.negation])
            }
        }
        for (keyword, name, dependency) in try schema.dependencies(&document) {
            var present = Alternative(path: schema.path(keyword), .object)
            present.required = [name]
            switch dependency {
            case .names(let names):
                for missing in names {
                    if let both = present.and(.without(missing, path: present.path)) { result.append(both) }
                }
            case .schema(let literal):
                result += try product(
                    [present], try alternatives(literal.negation), keyword: keyword, path: present.path)
            }
        }
        try negateValues(schema, &result)
        try negateStrings(schema, &result)
        try negateItems(schema, &result)
        try negateMembers(schema, &result)
        return result
    }

    private func unsupported(_ keyword: String, _ schema: Keywords) -> GrammarError {
        .unsupported(keyword: keyword, path: schema.path(keyword), problem: "it cannot be negated")
    }

    private mutating func notReferenced(_ schema: Keywords) throws(GrammarError) -> [Alternative] {
        guard let reference = schema.object["$ref"]?.string, let target = document.resolve(reference, in: schema.id)
        else {
            throw .unsupported(keyword: "$ref", path: schema.path("$ref"), problem: "it is not in this document")
        }
        return try alternatives(Literal(schema: target, isNegated: true))
    }

    private mutating func negateValues(_ schema: Keywords, _ result: inout [Alternative]) throws(GrammarError) {
        if let (kinds, isInteger) = try schema.kinds() {
            let others = Kinds.all.subtracting(kinds)
            if !others.isEmpty { result.append(Alternative(path: schema.path("type"), others)) }
            if isInteger {
                var fraction = Alternative(path: schema.path("type"), .number)
                fraction.isFraction = true
                result.append(fraction)
            }
        }
        for (keyword, values) in [
            ("const", schema.object["const"].map { [$0] }), ("enum", try schema.array("enum")),
        ] {
            guard let values else { continue }
            var alternative = Alternative(path: schema.path(keyword))
            alternative.excluded = values
            result.append(alternative)
        }
        let (lower, upper) = try schema.bounds()
        if let lower {
            var alternative = Alternative(path: schema.path, .number)
            alternative.upper = .init(value: lower.value, isIncluded: !lower.isIncluded)
            result.append(alternative)
        }
        if let upper {
            var alternative = Alternative(path: schema.path, .number)
            alternative.lower = .init(value: upper.value, isIncluded: !upper.isIncluded)
            result.append(alternative)
        }
        if schema.object["multipleOf"] != nil { throw unsupported("multipleOf", schema) }
    }

    private mutating func negateStrings(_ schema: Keywords, _ result: inout [Alternative]) throws(GrammarError) {
        if let least = try schema.count("minLength"), least > 0 {
            var alternative = Alternative(path: schema.path("minLength"), .string)
            alternative.maxLength = least - 1
            result.append(alternative)
        }
        if let most = try schema.count("maxLength") {
            var alternative = Alternative(path: schema.path("maxLength"), .string)
            alternative.minLength = most + 1
            result.append(alternative)
        }
        var automata: [(String, ScalarAutomaton)] = []
        if let source = try schema.string("pattern") {
            automata.append(("pattern", try pattern(source, schema, keyword: "pattern")))
        }
        if let name = try schema.string("format"), let automaton = try format(name, schema) {
            automata.append(("format", automaton))
        }
        for (keyword, automaton) in automata {
            var alternative = Alternative(path: schema.path(keyword), .string)
            alternative.texts = [automaton.complement]
            result.append(alternative)
        }
    }

    private mutating func negateItems(_ schema: Keywords, _ result: inout [Alternative]) throws(GrammarError) {
        var own = Alternative(path: schema.path)
        try schema.readItems(into: &own, &document)
        if own.minItems > 0 {
            var alternative = Alternative(path: schema.path("minItems"), .array)
            alternative.maxItems = own.minItems - 1
            result.append(alternative)
        }
        if let most = own.maxItems {
            var alternative = Alternative(path: schema.path("maxItems"), .array)
            alternative.minItems = most + 1
            result.append(alternative)
        }
        for literal in own.contained {
            var alternative = Alternative(path: schema.path("contains"), .array)
            alternative.items = [.init(rest: literal.negation, isEvaluation: false)]
            result.append(alternative)
        }
        for items in own.items {
            for (index, literal) in items.prefix.enumerated() where literal != .anything {
                var alternative = Alternative(path: schema.path("prefixItems"), .array)
                alternative.minItems = index + 1
                let before = Array(repeating: Literal.anything, count: index)
                alternative.items = [.init(prefix: before + [literal.negation], isEvaluation: false)]
                result.append(alternative)
            }
            if let rest = items.rest, rest != .anything {
                guard items.prefix.isEmpty else { throw unsupported("items", schema) }
                var alternative = Alternative(path: schema.path("items"), .array)
                alternative.contained = [rest.negation]
                result.append(alternative)
            }
        }
        if schema.object["unevaluatedItems"] != nil { throw unsupported("unevaluatedItems", schema) }
    }

    private mutating func negateMembers(_ schema: Keywords, _ result: inout [Alternative]) throws(GrammarError) {
        for name in try schema.names("required") ?? [] {
            var alternative = Alternative.without(name, path: schema.path("required"))
            alternative.kinds = .object
            result.append(alternative)
        }
        for (name, literal) in try schema.namedSchemas("properties", &document) where literal != .anything {
            var alternative = Alternative(path: schema.path("properties"), .object)
            alternative.required = [name]
            alternative.members = [.init(properties: [(name, literal.negation)], isEvaluation: false)]
            result.append(alternative)
        }
        if let least = try schema.count("minProperties"), least > 0 {
            var alternative = Alternative(path: schema.path("minProperties"), .object)
            alternative.maxProperties = least - 1
            result.append(alternative)
        }
        if let most = try schema.count("maxProperties") {
            var alternative = Alternative(path: schema.path("maxProperties"), .object)
            alternative.minProperties = most + 1
            result.append(alternative)
        }
        var others = ScalarAutomaton.all
        let named = try schema.namedSchemas("properties", &document)
        if !named.isEmpty { others = try ScalarAutomaton(words: named.map(\.name), limits: limits).complement }
        for (source, literal) in try schema.namedSchemas("patternProperties", &document) {
            let names = try pattern(source, schema, keyword: "patternProperties")
            others = try others.intersection(names.complement, limits: limits)
            guard literal != .anything else { continue }
            var alternative = Alternative(path: schema.path("patternProperties"), .object)
            alternative.wanted = [(names, literal.negation)]
            result.append(alternative)
        }
        if let literal = try schema.schema("additionalProperties", &document), literal != .anything {
            var alternative = Alternative(path: schema.path("additionalProperties"), .object)
            alternative.wanted = [(others, literal.negation)]
            result.append(alternative)
        }
        for keyword in ["propertyNames", "unevaluatedProperties"] {
            guard let value = schema.object[keyword], value != true, value != .object(JSON.Object()) else { continue }
            throw unsupported(keyword, schema)
        }
    }
}
