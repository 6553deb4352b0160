/// Turns tokens into statements; expressions are in `ExpressionParser.swift`.
/// Grammar: https://jinja.palletsprojects.com/en/stable/templates/
struct Parser {
    private(set) var tokens: [Token]
    var position = 0
    var depth = 0
    private var loopDepth = 0
    /// Names read since the innermost macro began.
    var namesRead: Set<String> = []

    /// Statements and expressions nest no deeper: the parser and the evaluator recurse.
    static let depthLimit = 100

    static func statements(of source: String) throws(TemplateError) -> [Statement] {
        var parser = Parser(tokens: try Lexer.tokens(of: source))
        let body = try parser.statements(until: [])
        return body
    }

    private init(tokens: [Token]) { self.tokens = tokens }

    var current: Token { tokens[position] }
    var next: Token { tokens[min(position + 1, tokens.count - 1)] }

    mutating func advance() { position = min(position + 1, tokens.count - 1) }

    func failure(_ problem: String) -> TemplateError { .syntax(line: current.line, problem: problem) }

    mutating func skip(symbol: String) -> Bool {
        guard case .symbol(symbol) = current.kind else { return false }
        advance()
        return true
    }

    mutating func skip(name: String) -> Bool {
        guard case .name(name) = current.kind else { return false }
        advance()
        return true
    }

    func isSymbol(_ symbol: String) -> Bool { current.kind == .symbol(symbol) }
    func isName(_ name: String) -> Bool { current.kind == .name(name) }

    mutating func expect(symbol: String) throws(TemplateError) {
        guard skip(symbol: symbol) else { throw failure("expected '\(symbol)', found \(current.kind.shown)") }
    }

    mutating func expect(name: String) throws(TemplateError) {
        guard skip(name: name) else { throw failure("expected '\(name)', found \(current.kind.shown)") }
    }

    mutating func expectName() throws(TemplateError) -> String {
        guard case .name(let name) = current.kind else { throw failure("expected a name, found \(current.kind.shown)") }
        advance()
        return name
    }

    mutating func expect(_ kind: Token.Kind) throws(TemplateError) {
        guard current.kind == kind else { throw failure("expected \(kind.shown), found \(current.kind.shown)") }
        advance()
    }

    mutating func enter() throws(TemplateError) {
        depth += 1
        guard depth <= Parser.depthLimit else {
            throw TemplateError.limitExceeded(line: current.line, what: "nested levels", limit: Parser.depthLimit)
        }
    }

    /// Parses up to a block tag that begins with one of `ends`, whose name is then the current token.
    private mutating func statements(until ends: Set<String>) throws(TemplateError) -> [Statement] {
        try enter()
        defer { depth -= 1 }
        var body: [Statement] = []
        while true {
            let line = current.line
            switch current.kind {
            case .text(let text):
                body.append(Statement(kind: .text(text), line: line))
                advance()
            case .variableBegin:
                advance()
                body.append(Statement(kind: .output(try tuple()), line: line))
                try expect(.variableEnd)
            case .blockBegin:
                advance()
                let name = try expectName()
                if ends.contains(name) { return body }
                if let statement = try statement(name, line: line, ends: ends) { body.append(statement) }
                try expect(.blockEnd)
            default:
                guard ends.isEmpty else {
                    throw failure("the template ends before \(ends.sorted().joined(separator: ", "))")
                }
                return body
            }
        }
    }

    /// Parses the body of a block: from here past its end tag's name.
    private mutating func body(endingWith end: String) throws(TemplateError) -> [Statement] {
        try expect(.blockEnd)
        return try statements(until: [end])
    }

    private var endName: String {
        guard case .name(let name) = tokens[position - 1].kind else { return "" }
        return name
    }

    private mutating func statement(_ name: String, line: Int, ends: Set<String>) throws(TemplateError) -> Statement? {
        let kind: Statement.Kind
        switch name {
        case "if": kind = try branch()
        case "for": kind = try loop()
        case "set": kind = try assignment()
        case "macro": kind = try macro()
        case "call": kind = try call()
        case "filter": kind = try filterBlock()
        case "with": kind = try with()
        case "generation": kind = .scope(try isolatedBody(endingWith: "endgeneration"))
        case "block":
            let block = try expectName()
            _ = skip(name: "scoped")
            kind = .scope(try isolatedBody(endingWith: "endblock"))
            _ = skip(name: block)
        case "break", "continue":
            guard loopDepth > 0 else { throw failure("'\(name)' outside of a loop") }
            kind = name == "break" ? .leaveLoop : .nextTurn
        case "include", "import", "from", "extends", "do", "trans", "autoescape":
            throw failure("'\(name)' is not supported in chat templates")
        default:
            let expected = ends.isEmpty ? "" : "; expected \(ends.sorted().joined(separator: ", "))"
            throw failure("unknown tag '\(name)'\(expected)")
        }
        return Statement(kind: kind, line: line)
    }

    /// The body of something that Jinja compiles to a function: loops outside cannot be left from within.
    private mutating func isolatedBody(endingWith end: String) throws(TemplateError) -> [Statement] {
        let outer = loopDepth
        loopDepth = 0
        defer { loopDepth = outer }
        return try body(endingWith: end)
    }

    private mutating func branch() throws(TemplateError) -> Statement.Kind {
        var branches: [(condition: Expression, body: [Statement])] = []
        while true {
            let condition = try tuple(conditional: false)
            try expect(.blockEnd)
            let body = try statements(until: ["elif", "else", "endif"])
            branches.append((condition, body))
            switch endName {
            case "elif": continue
            case "else": return .branch(branches, otherwise: try self.body(endingWith: "endif"))
            default: return .branch(branches, otherwise: [])
            }
        }
    }

    private mutating func loop() throws(TemplateError) -> Statement.Kind {
        let target = try target(namespaces: false)
        try expect(name: "in")
        let over = try tuple(conditional: false)
        let filter = skip(name: "if") ? try expression() : nil
        if isName("recursive") { throw failure("recursive loops are not supported") }
        try expect(.blockEnd)
        loopDepth += 1
        let body = try statements(until: ["else", "endfor"])
        loopDepth -= 1
        let otherwise = endName == "else" ? try self.body(endingWith: "endfor") : []
        return .loop(target: target, over: over, filter: filter, body: body, otherwise: otherwise)
    }

    private mutating func assignment() throws(TemplateError) -> Statement.Kind {
        let target = try target(namespaces: true)
        if skip(symbol: "=") { return .assign(target, try tuple()) }
        var filters: [Link] = []
        while isSymbol("|") { filters.append(try filter()) }
        return .capture(target, filters: filters, body: try isolatedBody(endingWith: "endset"))
    }

    private mutating func macro() throws(TemplateError) -> Statement.Kind {
        .macro(try definition(named: try expectName(), end: "endmacro"))
    }

    private mutating func call() throws(TemplateError) -> Statement.Kind {
        let line = current.line
        let parameters = isSymbol("(") ? try parameters() : []
        let callee = try expression()
        guard case .chain(_, let links) = callee, case .call = links.last?.kind else {
            throw TemplateError.syntax(line: line, problem: "a call block needs a call")
        }
        return .call(callee: callee, try definition(named: "caller", end: "endcall", parameters: parameters))
    }

    private mutating func definition(named name: String, end: String, parameters given: [Parameter]? = nil)
        throws(TemplateError) -> MacroDefinition
    {
        let parameters = if let given { given } else { try self.parameters() }
        let outerNames = namesRead
        namesRead = []
        let body = try isolatedBody(endingWith: end)
        let own = Set(parameters.map(\.name))
        let definition = MacroDefinition(
            name: name, parameters: parameters, body: body,
            takesVariadic: namesRead.contains("varargs") && !own.contains("varargs"),
            takesKeywords: namesRead.contains("kwargs") && !own.contains("kwargs"),
            takesCaller: namesRead.contains("caller") && !own.contains("caller"))
        namesRead.formUnion(outerNames)
        return definition
    }

    private mutating func parameters() throws(TemplateError) -> [Parameter] {
        try expect(symbol: "(")
        var parameters: [Parameter] = []
        while !isSymbol(")") {
            if !parameters.isEmpty { try expect(symbol: ",") }
            if isSymbol(")") { break }
            let name = try expectName()
            if skip(symbol: "=") {
                parameters.append(Parameter(name: name, fallback: try expression()))
            } else {
                guard parameters.last?.fallback == nil else {
                    throw failure("a parameter without default follows one with a default")
                }
                parameters.append(Parameter(name: name, fallback: nil))
            }
        }
        try expect(symbol: ")")
        return parameters
    }

    private mutating func filterBlock() throws(TemplateError) -> Statement.Kind {
        var filters = [try filter(startingWithPipe: false)]
        while isSymbol("|") { filters.append(try filter()) }
        return .filter(filters, body: try isolatedBody(endingWith: "endfilter"))
    }

    private mutating func with() throws(TemplateError) -> Statement.Kind {
        var assignments: [(target: Target, value: Expression)] = []
        while current.kind != .blockEnd {
            if !assignments.isEmpty { try expect(symbol: ",") }
            let target = try target(namespaces: false)
            try expect(symbol: "=")
            assignments.append((target, try expression()))
        }
        return .with(assignments, body: try body(endingWith: "endwith"))
    }

    private mutating func target(namespaces: Bool) throws(TemplateError) -> Target {
        try enter()
        defer { depth -= 1 }
        var targets: [Target] = []
        var several = false
        while true {
            if skip(symbol: "(") {
                targets.append(try target(namespaces: namespaces))
                try expect(symbol: ")")
            } else {
                let name = try expectName()
                guard !["true", "false", "none", "True", "False", "None"].contains(name) else {
                    throw failure("cannot assign to '\(name)'")
                }
                if namespaces, skip(symbol: ".") {
                    targets.append(.attribute(of: name, try expectName()))
                } else {
                    targets.append(.name(name))
                }
            }
            guard skip(symbol: ",") else { break }
            several = true
            if isName("in") || isSymbol("=") || isSymbol(")") { break }
        }
        return several ? .several(targets) : targets[0]
    }
}

extension Token.Kind {
    /// The token as an error message shows it.
    var shown: String {
        switch self {
        case .text: "text"
        case .variableBegin: "'{{'"
        case .variableEnd: "'}}'"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string: "a string"
        case .integer, .float: "a number"
        case .symbol(let symbol): "'\(symbol)'"
        case .end: "the end of the template"
        }
    }
}
