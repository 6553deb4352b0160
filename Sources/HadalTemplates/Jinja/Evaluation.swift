extension Interpreter {
    func evaluate(_ expression: Expression) throws -> Value {
        try meter.charge()
        switch expression {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(value)
        case .double(let value): return .double(value)
        case .string(let text): return .string(text)
        case .name(let name):
            return scope.value(of: name) ?? Globals.table[name].map { .callable(.function(name, $0)) }
                ?? .undefined(.name(name))
        default:
            try meter.enter()
            defer { meter.leave() }
            return try evaluateCompound(expression)
        }
    }

    private func evaluateCompound(_ expression: Expression) throws -> Value {
        switch expression {
        case .list(let elements): return try .list(of: try elements.map { try evaluate($0) })
        case .tuple(let elements): return try .tuple(of: try elements.map { try evaluate($0) })
        case .dictionary(let members):
            var dictionary = Dictionary()
            for (key, value) in members { try dictionary.set(try evaluate(key), to: try evaluate(value), meter) }
            return .dictionary(dictionary)
        case .not(let operand): return .bool(!(try evaluate(operand).isTrue))
        case .negative(let operand): return try negated(try evaluate(operand).defined())
        case .positive(let operand):
            let value = try evaluate(operand).defined()
            if case .double = value { return value }
            guard let integer = value.integer else {
                throw Failure.type("bad operand type for unary +: '\(value.typeName)'")
            }
            return .int(integer)
        case .arithmetic(let first, let operands):
            var result = try evaluate(first)
            for (operation, operand) in operands {
                result = try Value.arithmetic(operation, result, try evaluate(operand), meter)
            }
            return result
        case .concatenation(let operands): return try concatenated(operands)
        case .comparison(let first, let operands):
            var left = try evaluate(first)
            for (operation, operand) in operands {
                let right = try evaluate(operand)
                guard try Value.compare(operation, left, right, meter) else { return .bool(false) }
                left = right
            }
            return .bool(true)
        case .and(let operands):
            var result = Value.null
            for operand in operands {
                result = try evaluate(operand)
                if !result.isTrue { break }
            }
            return result
        case .or(let operands):
            var result = Value.null
            for operand in operands {
                result = try evaluate(operand)
                if result.isTrue { break }
            }
            return result
        case .conditional(let cases, let otherwise):
            for (condition, value) in cases where try evaluate(condition).isTrue { return try evaluate(value) }
            if let otherwise { return try evaluate(otherwise) }
            return .undefined(.reason("the inline if on line \(line) was false and has no else"))
        case .chain(let base, let links): return try follow(links, from: try evaluate(base))
        case .null, .bool, .int, .double, .string, .name: return try evaluate(expression)
        }
    }

    private func negated(_ value: Value) throws -> Value {
        if case .double(let value) = value { return .double(-value) }
        guard let integer = value.integer else {
            throw Failure.type("bad operand type for unary -: '\(value.typeName)'")
        }
        return try Value.arithmetic(.subtract, .int(0), .int(integer), meter)
    }

    private func concatenated(_ operands: [Expression]) throws -> Value {
        var text = ""
        for operand in operands {
            let part = try evaluate(operand).text(meter)
            try meter.charge(bytes: text.utf8.count + part.utf8.count)
            text += part
        }
        return .string(text)
    }

    func follow(_ links: [Link], from base: Value) throws -> Value {
        var value = base
        for link in links { value = try follow(link, from: value) }
        return value
    }

    private func follow(_ link: Link, from value: Value) throws -> Value {
        line = link.line
        try meter.charge()
        switch link.kind {
        case .attribute(let name): return try attribute(name, of: value)
        case .item(let key): return try item(try evaluate(key), of: value)
        case .slice(let start, let stop, let step):
            return try slice(
                value, try start.map { try evaluate($0) }, try stop.map { try evaluate($0) },
                try step.map { try evaluate($0) })
        case .call(let arguments): return try call(value, try evaluate(arguments))
        case .filter(let name, let arguments): return try filter(name, value, try evaluate(arguments))
        case .test(let name, let arguments, let negated):
            return .bool(try test(name, value, try evaluate(arguments)) != negated)
        }
    }

    func evaluate(_ arguments: CallArguments) throws -> Arguments {
        var result = Arguments()
        for expression in arguments.positional { result.positional.append(try evaluate(expression)) }
        for (name, expression) in arguments.keyword {
            try result.add(name, try evaluate(expression))
        }
        if let sequence = arguments.sequence {
            result.positional += try evaluate(sequence).defined().iterated(meter)
            try meter.charge(elements: result.positional.count)
        }
        if let mapping = arguments.mapping {
            guard case .dictionary(let dictionary) = try evaluate(mapping).defined() else {
                throw Failure.type("argument after ** must be a mapping")
            }
            try meter.charge(elements: dictionary.count)
            try result.add(dictionary)
        }
        return result
    }

    /// `value.name`: what the type offers by that name first, then the key of a dictionary, as Jinja looks them up.
    func attribute(_ name: String, of value: Value) throws -> Value {
        if case .undefined(let undefined) = value { throw undefined.failure }
        if let own = try ownAttribute(name, of: value) { return own }
        if case .dictionary(let dictionary) = value, let member = dictionary[name] { return member }
        return .undefined(.attribute(name, of: value.describedType))
    }

    /// `value[key]`: elements first, then what the type offers by that name.
    func item(_ key: Value, of value: Value) throws -> Value {
        if case .undefined(let undefined) = value { throw undefined.failure }
        switch (value, key) {
        case (.dictionary(let dictionary), _):
            switch key {
            case .list, .dictionary, .view, .range, .callable: break  // No key, so looked up like a missing one.
            default: if let member = try dictionary.value(for: key, meter) { return member }
            }
        case (.list(let list), _), (.tuple(let list), _):
            if let index = key.integer.flatMap({ position($0, in: list.elements.count) }) {
                return list.elements[index]
            }
        case (.range(let range), _):
            if let index = key.integer.flatMap({ position($0, in: range.count) }) { return .int(range[index]) }
        case (.string(let text), _):
            if let index = key.integer {
                let scalars = text.unicodeScalars
                try meter.charge(scanning: text)
                let found =
                    index >= 0
                    ? scalars.index(scalars.startIndex, offsetBy: index, limitedBy: scalars.endIndex)
                    : scalars.index(scalars.endIndex, offsetBy: index, limitedBy: scalars.startIndex)
                if let found, found < scalars.endIndex { return .string(String(scalars[found])) }
            }
        default: break
        }
        if case .string(let name) = key {
            return try ownAttribute(name, of: value) ?? .undefined(.attribute(name, of: value.describedType))
        }
        return .undefined(.element(try key.representation(meter), of: value.describedType))
    }

    private func position(_ index: Int, in count: Int) -> Int? {
        let position = index < 0 ? index &+ count : index
        return position >= 0 && position < count ? position : nil
    }

    /// Attributes that are not members of a dictionary: methods, and what `loop` and namespaces hold.
    private func ownAttribute(_ name: String, of value: Value) throws -> Value? {
        switch value {
        case .namespace(let namespace): return namespace.attributes[name]
        case .loop(let loop): return loop.attribute(name) ?? method(name, of: value)
        case .callable(.macro(let macro)) where name == "name": return .string(macro.definition.name)
        case .callable(.macro(let macro)) where name == "arguments":
            return try .tuple(of: macro.definition.parameters.map { .string($0.name) })
        case .callable(.cycler(let cycler)) where name == "current":
            return cycler.items.elements[cycler.position]
        default: return method(name, of: value)
        }
    }

    private func method(_ name: String, of value: Value) -> Value? {
        if name.hasPrefix("__") && name.hasSuffix("__") && name.utf8.count > 4 {
            if case .dictionary(let dictionary) = value, dictionary[name] != nil { return nil }
            return .undefined(.forbidden(name, of: value.typeName))
        }
        if Methods.changing(value).contains(name) { return .undefined(.forbidden(name, of: value.typeName)) }
        return Methods.names(value).contains(name) ? .callable(.method(of: value, name)) : nil
    }

    private func slice(_ value: Value, _ start: Value?, _ stop: Value?, _ step: Value?) throws -> Value {
        if case .undefined(let undefined) = value { throw undefined.failure }
        func bound(_ value: Value?) throws -> Int? {
            guard let value else { return nil }
            if case .null = value { return nil }
            guard let integer = value.integer else { throw Failure.type("slice indices must be integers or None") }
            return integer
        }
        let (start, stop, step) = (try bound(start), try bound(stop), try bound(step) ?? 1)
        guard step != 0 else { throw Failure.value("slice step cannot be zero") }
        func indices(_ count: Int) throws -> [Int] {
            try meter.charge(1 + count)
            func clamped(_ bound: Int?, _ fallback: Int) -> Int {
                guard let bound else { return fallback }
                let position = bound < 0 ? bound &+ count : bound
                return step > 0 ? min(max(position, 0), count) : min(max(position, -1), count - 1)
            }
            let first = clamped(start, step > 0 ? 0 : count - 1)
            let end = clamped(stop, step > 0 ? count : -1)
            var indices: [Int] = []
            var index = first
            while step > 0 ? index < end : index > end {
                indices.append(index)
                let (next, overflow) = index.addingReportingOverflow(step)
                if overflow { break }
                index = next
            }
            return indices
        }
        switch value {
        case .string(let text):
            try meter.charge(scanning: text)
            let scalars = Array(text.unicodeScalars)
            return .string(String(try indices(scalars.count).map { scalars[$0] }))
        case .list(let list): return try .list(of: try indices(list.elements.count).map { list.elements[$0] })
        case .tuple(let list): return try .tuple(of: try indices(list.elements.count).map { list.elements[$0] })
        case .range(let range): return try .list(of: try indices(range.count).map { .int(range[$0]) })
        default: return .undefined(.element("slice", of: value.describedType))
        }
    }
}

extension LoopState {
    func attribute(_ name: String) -> Value? {
        let elements = items.elements
        switch name {
        case "index": return .int(index + 1)
        case "index0": return .int(index)
        case "revindex": return .int(elements.count - index)
        case "revindex0": return .int(elements.count - index - 1)
        case "first": return .bool(index == 0)
        case "last": return .bool(index == elements.count - 1)
        case "length": return .int(elements.count)
        case "depth": return .int(1)
        case "depth0": return .int(0)
        case "previtem":
            return index > 0 ? elements[index - 1] : .undefined(.reason("there is no previous item"))
        case "nextitem":
            return index + 1 < elements.count ? elements[index + 1] : .undefined(.reason("there is no next item"))
        default: return nil
        }
    }
}
