extension Parser {
    /// Loosest to tightest. As in Jinja: `~` binds tighter than `+`, and `**` looser than a sign.
    private static let ranks: [[String]] = [["+", "-"], ["~"], ["*", "/", "//", "%"], ["**"]]

    /// One expression, or several with commas: a tuple.
    mutating func tuple(conditional: Bool = true) throws(TemplateError) -> Expression {
        let first = conditional ? try expression() : try disjunction()
        guard isSymbol(",") else { return first }
        var elements = [first]
        while skip(symbol: ",") {
            switch current.kind {
            case .variableEnd, .blockEnd, .symbol(")"): return .tuple(elements)
            default: elements.append(conditional ? try expression() : try disjunction())
            }
        }
        return .tuple(elements)
    }

    mutating func expression() throws(TemplateError) -> Expression {
        try enter()
        defer { depth -= 1 }
        let value = try disjunction()
        guard isName("if") else { return value }
        var cases: [(condition: Expression, value: Expression)] = []
        var candidate = value
        while skip(name: "if") {
            cases.append((try disjunction(), candidate))
            guard skip(name: "else") else { return .conditional(cases, otherwise: nil) }
            candidate = try disjunction()
        }
        return .conditional(cases, otherwise: candidate)
    }

    private mutating func disjunction() throws(TemplateError) -> Expression {
        let first = try conjunction()
        guard isName("or") else { return first }
        var operands = [first]
        while skip(name: "or") { operands.append(try conjunction()) }
        return .or(operands)
    }

    private mutating func conjunction() throws(TemplateError) -> Expression {
        let first = try negation()
        guard isName("and") else { return first }
        var operands = [first]
        while skip(name: "and") { operands.append(try negation()) }
        return .and(operands)
    }

    private mutating func negation() throws(TemplateError) -> Expression {
        var negated = 0
        while skip(name: "not") { negated += 1 }
        let operand = try comparison()
        if negated == 0 { return operand }
        // An even number of `not` is still a boolean.
        return negated % 2 == 1 ? .not(operand) : .not(.not(operand))
    }

    private mutating func comparison() throws(TemplateError) -> Expression {
        let first = try binary(rank: 0)
        var operands: [(operation: ComparisonOperator, operand: Expression)] = []
        while let comparison = skipComparison() { operands.append((comparison, try binary(rank: 0))) }
        return operands.isEmpty ? first : .comparison(first, operands)
    }

    private mutating func skipComparison() -> ComparisonOperator? {
        switch current.kind {
        case .symbol(let symbol):
            guard let comparison = ComparisonOperator(rawValue: symbol) else { return nil }
            advance()
            return comparison
        case .name("in"):
            advance()
            return .contained
        case .name("not") where next.kind == .name("in"):
            advance()
            advance()
            return .notContained
        default: return nil
        }
    }

    private mutating func binary(rank: Int) throws(TemplateError) -> Expression {
        guard rank < Parser.ranks.count else { return try unary(filters: true) }
        let first = try binary(rank: rank + 1)
        guard let symbol = symbol(ofRank: rank) else { return first }
        if symbol == "~" {
            var operands = [first]
            while skip(symbol: "~") { operands.append(try binary(rank: rank + 1)) }
            return .concatenation(operands)
        }
        var operands: [(operation: ArithmeticOperator, operand: Expression)] = []
        while let symbol = self.symbol(ofRank: rank), let operation = ArithmeticOperator(rawValue: symbol) {
            advance()
            operands.append((operation, try binary(rank: rank + 1)))
        }
        return .arithmetic(first, operands)
    }

    private func symbol(ofRank rank: Int) -> String? {
        guard case .symbol(let symbol) = current.kind, Parser.ranks[rank].contains(symbol) else { return nil }
        return symbol
    }

    private mutating func unary(filters: Bool) throws(TemplateError) -> Expression {
        try enter()
        defer { depth -= 1 }
        let base: Expression
        if skip(symbol: "-") {
            base = .negative(try unary(filters: false))
        } else if skip(symbol: "+") {
            base = .positive(try unary(filters: false))
        } else {
            base = try primary()
        }
        var links: [Link] = []
        try subscripts(into: &links)
        while filters {
            if isSymbol("|") {
                links.append(try filter())
            } else if isName("is") {
                links.append(try test())
            } else if isSymbol("(") {
                links.append(Link(kind: .call(try arguments()), line: current.line))
            } else {
                break
            }
        }
        return links.isEmpty ? base : .chain(base, links)
    }

    private mutating func primary() throws(TemplateError) -> Expression {
        let token = current
        advance()
        switch token.kind {
        case .name(let name):
            switch name {
            case "true", "True": return .bool(true)
            case "false", "False": return .bool(false)
            case "none", "None": return .null
            default:
                namesRead.insert(name)
                return .name(name)
            }
        case .string(var text):
            while case .string(let more) = current.kind {
                text += more
                advance()
            }
            return .string(text)
        case .integer(let value): return .int(value)
        case .float(let value): return .double(value)
        case .symbol("("):
            if skip(symbol: ")") { return .tuple([]) }
            let value = try tuple()
            try expect(symbol: ")")
            return value
        case .symbol("["):
            return .list(try elements(until: "]"))
        case .symbol("{"):
            return try dictionary()
        default:
            position -= 1
            throw failure("expected an expression, found \(token.kind.shown)")
        }
    }

    private mutating func elements(until end: String) throws(TemplateError) -> [Expression] {
        var elements: [Expression] = []
        while !isSymbol(end) {
            if !elements.isEmpty { try expect(symbol: ",") }
            if isSymbol(end) { break }
            elements.append(try expression())
        }
        try expect(symbol: end)
        return elements
    }

    private mutating func dictionary() throws(TemplateError) -> Expression {
        var members: [(key: Expression, value: Expression)] = []
        while !isSymbol("}") {
            if !members.isEmpty { try expect(symbol: ",") }
            if isSymbol("}") { break }
            let key = try expression()
            try expect(symbol: ":")
            members.append((key, try expression()))
        }
        try expect(symbol: "}")
        return .dictionary(members)
    }

    /// `.name`, `[…]` and `(…)` after a value.
    private mutating func subscripts(into links: inout [Link]) throws(TemplateError) {
        while true {
            let line = current.line
            if skip(symbol: ".") {
                if case .integer(let index) = current.kind {
                    advance()
                    links.append(Link(kind: .item(.int(index)), line: line))
                } else {
                    links.append(Link(kind: .attribute(try expectName()), line: line))
                }
            } else if skip(symbol: "[") {
                links.append(Link(kind: try item(), line: line))
                try expect(symbol: "]")
            } else if isSymbol("(") {
                links.append(Link(kind: .call(try arguments()), line: line))
            } else {
                return
            }
        }
    }

    private mutating func item() throws(TemplateError) -> Link.Kind {
        var start: Expression?
        if !isSymbol(":") {
            let index = try tuple()
            guard isSymbol(":") else { return .item(index) }
            start = index
        }
        try expect(symbol: ":")
        let stop = isSymbol(":") || isSymbol("]") ? nil : try expression()
        let step = skip(symbol: ":") && !isSymbol("]") ? try expression() : nil
        return .slice(start: start, stop: stop, step: step)
    }

    mutating func arguments() throws(TemplateError) -> CallArguments {
        try expect(symbol: "(")
        var arguments = CallArguments()
        var isFirst = true
        while !isSymbol(")") {
            if !isFirst {
                try expect(symbol: ",")
                if isSymbol(")") { break }
            }
            isFirst = false
            if skip(symbol: "*") {
                guard arguments.sequence == nil, arguments.mapping == nil else { throw failure("wrong place for '*'") }
                arguments.sequence = try expression()
            } else if skip(symbol: "**") {
                guard arguments.mapping == nil else { throw failure("wrong place for '**'") }
                arguments.mapping = try expression()
            } else if case .name(let name) = current.kind, next.kind == .symbol("=") {
                guard arguments.mapping == nil else { throw failure("a named argument follows '**'") }
                advance()
                advance()
                arguments.keyword.append((name, try expression()))
            } else {
                guard arguments.keyword.isEmpty, arguments.sequence == nil, arguments.mapping == nil else {
                    throw failure("a positional argument follows a named one")
                }
                arguments.positional.append(try expression())
            }
        }
        try expect(symbol: ")")
        return arguments
    }

    mutating func filter(startingWithPipe: Bool = true) throws(TemplateError) -> Link {
        if startingWithPipe { try expect(symbol: "|") }
        let line = current.line
        let name = try dottedName()
        return Link(kind: .filter(name, isSymbol("(") ? try arguments() : CallArguments()), line: line)
    }

    private mutating func dottedName() throws(TemplateError) -> String {
        var name = try expectName()
        while skip(symbol: ".") { name += "." + (try expectName()) }
        return name
    }

    private mutating func test() throws(TemplateError) -> Link {
        let line = current.line
        try expect(name: "is")
        let negated = skip(name: "not")
        let name = try dottedName()
        var arguments = CallArguments()
        switch current.kind {
        case .symbol("("): arguments = try self.arguments()
        case .name("is"): throw failure("tests cannot be chained with 'is'")
        case .name("else"), .name("or"), .name("and"): break
        // Jinja would read these as an operand too, to no sensible end.
        case .name("if"), .name("in"), .name("not"): break
        case .name, .string, .integer, .float, .symbol("["), .symbol("{"):
            let base = try primary()
            var links: [Link] = []
            try subscripts(into: &links)
            arguments.positional = [links.isEmpty ? base : .chain(base, links)]
        default: break
        }
        return Link(kind: .test(name, arguments, negated: negated), line: line)
    }
}
