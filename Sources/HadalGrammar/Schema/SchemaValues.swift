import HadalJSON

/// Questions about single values and about emptiness.
extension SchemaExpansion {
    /// Whether a value satisfies all of the schemas.
    mutating func admits(_ literals: [Literal], _ value: JSON) throws(GrammarError) -> Bool {
        for alternative in try alternatives(literals) where try admits(alternative, value) { return true }
        return false
    }

    mutating func admits(_ alternative: Alternative, _ value: JSON) throws(GrammarError) -> Bool {
        guard alternative.kinds.contains(Kinds(of: value)) else { return false }
        if let values = alternative.values, !values.contains(where: { $0.isSame(as: value) }) { return false }
        if alternative.excluded.contains(where: { $0.isSame(as: value) }) { return false }
        switch value {
        case .null, .bool: return true
        case .int, .double: return admitsNumber(alternative, value)
        case .string(let text):
            let length = text.unicodeScalars.count
            return length >= alternative.minLength && length <= alternative.maxLength ?? .max
                && alternative.texts.allSatisfy { $0.contains(text) }
        case .array(let elements):
            guard elements.count >= alternative.minItems, elements.count <= alternative.maxItems ?? .max else {
                return false
            }
            for (index, element) in elements.enumerated() where !(try admits(alternative.item(index), element)) {
                return false
            }
            for literal in alternative.contained {
                var isContained = false
                for element in elements where !isContained { isContained = try admits([literal], element) }
                guard isContained else { return false }
            }
            return true
        case .object(let object):
            guard object.count >= alternative.minProperties, object.count <= alternative.maxProperties ?? .max,
                alternative.required.allSatisfy({ object[$0] != nil })
            else { return false }
            for (name, value) in object.members {
                guard try admits(alternative.member(name), value), try admits(alternative.names, .string(name)) else {
                    return false
                }
            }
            for (names, schema) in alternative.wanted {
                var isThere = false
                for (name, value) in object.members where !isThere && names.contains(name) {
                    isThere = try admits([schema], value)
                }
                guard isThere else { return false }
            }
            return true
        }
    }

    private func admitsNumber(_ alternative: Alternative, _ value: JSON) -> Bool {
        guard let number = Decimal(value) else { return false }
        if alternative.isInteger, !number.fraction.isEmpty { return false }
        if alternative.isFraction, number.fraction.isEmpty { return false }
        if let lower = alternative.lower {
            let order = number.compare(lower.value)
            guard order > 0 || (order == 0 && lower.isIncluded) else { return false }
        }
        if let upper = alternative.upper {
            let order = number.compare(upper.value)
            guard order < 0 || (order == 0 && upper.isIncluded) else { return false }
        }
        return alternative.multiples.allSatisfy { number.isMultiple(of: $0) ?? false }
    }

    // MARK: emptiness

    /// Whether it can be shown that no value satisfies one of each.
    mutating func areDisjoint(
        _ left: [Alternative], _ right: [Alternative], depth: Int
    ) throws(GrammarError) -> Bool {
        for first in left {
            for second in right {
                guard let both = first.and(second) else { continue }
                guard try isEmpty(both, depth: depth) else { return false }
            }
        }
        return true
    }

    /// Whether it can be shown that no value satisfies all of the schemas.
    mutating func isEmpty(_ literals: [Literal], depth: Int) throws(GrammarError) -> Bool {
        if literals.contains(.nothing) { return true }
        guard depth > 0 else { return false }
        do throws(GrammarError) {
            for alternative in try alternatives(literals) {
                guard try isEmpty(alternative, depth: depth - 1) else { return false }
            }
            return true
        } catch {
            // A schema that is being expanded just now, or a fault that is told when the schema is written.
            return false
        }
    }

    private mutating func isEmpty(_ alternative: Alternative, depth: Int) throws(GrammarError) -> Bool {
        if let values = alternative.values {
            for value in values where try admits(alternative.withoutValues, value) { return false }
            return true
        }
        var kinds = alternative.kinds
        if let lower = alternative.lower, let upper = alternative.upper {
            let order = lower.value.compare(upper.value)
            if order > 0 || (order == 0 && !(lower.isIncluded && upper.isIncluded)) { kinds.remove(.number) }
        }
        if kinds.contains(.string), try isStringEmpty(alternative) { kinds.remove(.string) }
        if kinds.contains(.array) {
            if alternative.minItems > alternative.maxItems ?? .max { kinds.remove(.array) }
            for index in 0..<min(alternative.minItems, alternative.prefixCount + 1, 64) {
                if try isEmpty(alternative.item(index), depth: depth) { kinds.remove(.array) }
            }
        }
        if kinds.contains(.object) {
            if alternative.minProperties > alternative.maxProperties ?? .max { kinds.remove(.object) }
            for name in alternative.required where try isEmpty(alternative.member(name), depth: depth) {
                kinds.remove(.object)
                break
            }
        }
        return kinds.isEmpty
    }

    private func isStringEmpty(_ alternative: Alternative) throws(GrammarError) -> Bool {
        if alternative.minLength > alternative.maxLength ?? .max { return true }
        guard var all = alternative.texts.first else { return false }
        for text in alternative.texts.dropFirst() { all = try all.intersection(text, limits: limits) }
        return all.isEmpty
    }
}

/// Checks values against a schema, as far as grammars know schemas. For tests: it shares the reading of keywords with the
/// grammar, but not what is written of it.
package struct SchemaCheck {
    private var expansion: SchemaExpansion
    private let root: Literal

    package init(_ schema: JSON, limits: GrammarLimits = GrammarLimits()) {
        expansion = SchemaExpansion(SchemaDocument(schema), limits: limits)
        root = Literal(schema: expansion.document.rootNode())
    }

    package mutating func admits(_ value: JSON) throws(GrammarError) -> Bool { try expansion.admits([root], value) }
}
