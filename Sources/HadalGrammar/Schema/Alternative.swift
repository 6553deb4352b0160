import HadalJSON

/// A subschema, or that it must not match.
struct Literal: Hashable {
    var schema: SchemaDocument.ID
    var isNegated = false

    static let nothing = Literal(schema: SchemaDocument.nothing)
    static let anything = Literal(schema: SchemaDocument.anything)

    var negation: Literal { Literal(schema: schema, isNegated: !isNegated) }
}

struct Kinds: OptionSet, Hashable {
    var rawValue: UInt8

    static let null = Kinds(rawValue: 1)
    static let boolean = Kinds(rawValue: 2)
    static let number = Kinds(rawValue: 4)
    static let string = Kinds(rawValue: 8)
    static let array = Kinds(rawValue: 16)
    static let object = Kinds(rawValue: 32)
    static let all: Kinds = [.null, .boolean, .number, .string, .array, .object]

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(of value: JSON) {
        self =
            switch value {
            case .null: .null
            case .bool: .boolean
            case .int, .double: .number
            case .string: .string
            case .array: .array
            case .object: .object
            }
    }
}

/// One way to satisfy a schema: conditions that must all hold, each for values of its kind alone. A schema, with all
/// that `anyOf`, `if`, `$ref` and `not` do, is a list of these of which one at least must hold (a disjunctive normal form).
struct Alternative {
    struct Bound: Hashable {
        var value: Decimal
        var isIncluded: Bool
    }

    /// What one schema says of an array's elements.
    struct Items: Hashable {
        var prefix: [Literal] = []
        var rest: Literal?
        /// Whether it tells `unevaluatedItems` what is evaluated.
        var isEvaluation = true
    }

    /// What one schema says of an object's members.
    struct Members {
        var properties: [(name: String, schema: Literal)] = []
        var patterns: [(names: ScalarAutomaton, schema: Literal)] = []
        /// Of members that are in neither.
        var additional: Literal?
        /// Whether it tells `unevaluatedProperties` what is evaluated.
        var isEvaluation = true
    }

    /// Where the first of its conditions stands.
    var path: String
    var kinds = Kinds.all
    /// One of these; nil for any.
    var values: [JSON]?
    /// None of these.
    var excluded: [JSON] = []

    var isInteger = false
    /// Whether the number must not be an integer.
    var isFraction = false
    var lower: Bound?
    var upper: Bound?
    var multiples: [Decimal] = []

    /// In Unicode scalars.
    var minLength = 0
    var maxLength: Int?
    /// The string is in each.
    var texts: [ScalarAutomaton] = []

    var items: [Items] = []
    var minItems = 0
    var maxItems: Int?
    /// For each, an element that satisfies it is there.
    var contained: [Literal] = []

    var members: [Members] = []
    var required: [String] = []
    var minProperties = 0
    var maxProperties: Int?
    /// Schemas of the members' names.
    var names: [Literal] = []
    /// For each, a member with such a name and value is there.
    var wanted: [(names: ScalarAutomaton, schema: Literal)] = []

    init(path: String) { self.path = path }

    init(path: String, _ kinds: Kinds) {
        self.path = path
        self.kinds = kinds
    }

    /// Both; nil where no value can satisfy both.
    func and(_ other: Alternative) -> Alternative? {
        var result = self
        result.kinds = kinds.intersection(other.kinds)
        if let theirs = other.values {
            result.values = values.map { $0.filter { value in theirs.contains { value.isSame(as: $0) } } } ?? theirs
        }
        if let values = result.values {
            result.kinds.formIntersection(values.reduce(into: Kinds()) { $0.formUnion(Kinds(of: $1)) })
        }
        guard !result.kinds.isEmpty else { return nil }
        result.excluded += other.excluded

        result.isInteger = isInteger || other.isInteger
        result.isFraction = isFraction || other.isFraction
        if result.isInteger, result.isFraction { result.kinds.remove(.number) }
        guard !result.kinds.isEmpty else { return nil }
        if let bound = other.lower { result.raise(to: bound) }
        if let bound = other.upper { result.lower(to: bound) }
        result.multiples += other.multiples

        result.minLength = max(minLength, other.minLength)
        result.maxLength = least(maxLength, other.maxLength)
        result.texts += other.texts

        result.items += other.items
        result.minItems = max(minItems, other.minItems)
        result.maxItems = least(maxItems, other.maxItems)
        result.contained += other.contained

        result.members += other.members
        result.required += other.required.filter { !required.contains($0) }
        result.minProperties = max(minProperties, other.minProperties)
        result.maxProperties = least(maxProperties, other.maxProperties)
        result.names += other.names
        result.wanted += other.wanted
        return result
    }

    /// All conditions but the list of values: what one of them is asked, without looking through the others.
    var withoutValues: Alternative {
        var result = self
        result.values = nil
        return result
    }

    mutating func dropEvaluations() {
        for index in items.indices { items[index].isEvaluation = false }
        for index in members.indices { members[index].isEvaluation = false }
    }

    mutating func raise(to bound: Bound) {
        guard let old = lower else {
            lower = bound
            return
        }
        let order = bound.value.compare(old.value)
        if order > 0 || (order == 0 && !bound.isIncluded) { lower = bound }
    }

    mutating func lower(to bound: Bound) {
        guard let old = upper else {
            upper = bound
            return
        }
        let order = bound.value.compare(old.value)
        if order < 0 || (order == 0 && !bound.isIncluded) { upper = bound }
    }

    private func least(_ left: Int?, _ right: Int?) -> Int? {
        guard let left, let right else { return left ?? right }
        return min(left, right)
    }

    // MARK: parts

    /// What holds for the element at `index`.
    func item(_ index: Int) -> [Literal] {
        items.compactMap { index < $0.prefix.count ? $0.prefix[index] : $0.rest }
    }

    /// Elements from here on are all alike.
    var prefixCount: Int { items.map(\.prefix.count).max() ?? 0 }

    /// What holds for the member `name`.
    func member(_ name: String) -> [Literal] {
        members.flatMap { part -> [Literal] in
            var found = part.properties.filter { $0.name.isSame(as: name) }.map(\.schema)
            found += part.patterns.filter { $0.names.contains(name) }.map(\.schema)
            return found.isEmpty ? part.additional.map { [$0] } ?? [] : found
        }
    }

    /// Names that schemas mention, in the order in which they do; those that are only required come last.
    var declared: [String] {
        var seen: Set<[UInt8]> = []
        return (members.flatMap { $0.properties.map(\.name) } + required).filter {
            seen.insert(Array($0.utf8)).inserted
        }
    }
}

extension JSON {
    /// Equal as JSON Schema has it: numbers by value, objects without regard to order.
    func isSame(as other: JSON) -> Bool {
        switch (self, other) {
        case (.int, .double), (.double, .int): return double == other.double
        case (.string(let left), .string(let right)): return left.isSame(as: right)
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        case (.object(let left), .object(let right)):
            return left.count == right.count
                && left.members.allSatisfy { right[$0.key].map($0.value.isSame) ?? false }
        default: return self == other
        }
    }
}

extension String {
    /// By bytes; `==` takes canonically equivalent texts for equal.
    func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
