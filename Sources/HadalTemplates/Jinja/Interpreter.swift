import HadalJSON

/// The names of one block and those around it.
final class Scope {
    var names: [String: Value] = [:]
    let parent: Scope?

    init(parent: Scope?) { self.parent = parent }

    func value(of name: String) -> Value? {
        var scope: Scope? = self
        while let current = scope {
            if let value = current.names[name] { return value }
            scope = current.parent
        }
        return nil
    }
}

/// Runs a template's statements once. Expressions are in `Evaluation.swift`, calls in `Calls.swift`.
final class Interpreter {
    let meter: Meter
    let clock: TemplateClock
    var scope: Scope
    /// Of the last statement or call begun, for error messages.
    var line = 1
    private(set) var output = ""
    /// What may hold itself, emptied at the end so that it is freed.
    private var namespaces: [Namespace] = []
    private var closures: [Scope] = []

    /// Steps charged for what stays in memory until the end.
    private static let retainedCost = 64

    /// Steps charged for a turn of a loop, which has names of its own.
    private static let turnCost = 4

    private enum Flow { case onward, leaveLoop, nextTurn }

    init(variables: JSON.Object, clock: TemplateClock, limits: TemplateLimits) throws {
        meter = Meter(limits)
        self.clock = clock
        scope = Scope(parent: nil)
        for (name, value) in variables.members { scope.names[name] = try Value(value) }
    }

    deinit {
        for namespace in namespaces { namespace.attributes = Dictionary() }
        for scope in closures { scope.names = [:] }
    }

    func run(_ statements: [Statement]) throws -> String {
        _ = try execute(statements)
        return output
    }

    func makeNamespace(_ attributes: Dictionary) throws -> Value {
        try meter.charge(Interpreter.retainedCost)
        let namespace = Namespace(attributes)
        namespaces.append(namespace)
        return .namespace(namespace)
    }

    /// Makes a macro that sees the names visible here.
    func closure(_ definition: MacroDefinition) throws -> Value {
        try meter.charge(Interpreter.retainedCost)
        closures.append(scope)
        return .callable(.macro(Macro(definition, scope: scope)))
    }

    func write(_ text: String) throws {
        guard output.utf8.count + text.utf8.count <= meter.limits.outputBytes else {
            throw Failure.limit(what: "bytes of output", meter.limits.outputBytes)
        }
        try meter.charge(1 + text.utf8.count / 32)
        output += text
    }

    /// Runs `body` in a scope of its own and gives what it wrote.
    func capture(_ body: [Statement], in scope: Scope) throws -> String {
        let outerScope = self.scope
        let outerOutput = output
        self.scope = scope
        output = ""
        defer {
            self.scope = outerScope
            output = outerOutput
        }
        _ = try execute(body)
        return output
    }

    private func execute(_ statements: [Statement]) throws -> Flow {
        try meter.enter()
        defer { meter.leave() }
        for statement in statements {
            line = statement.line
            try meter.charge()
            let flow = try execute(statement)
            if flow != .onward { return flow }
        }
        return .onward
    }

    private func execute(_ statement: Statement) throws -> Flow {
        switch statement.kind {
        case .text(let text): try write(text)
        case .output(let expression): try write(try evaluate(expression).text(meter))
        case .branch(let branches, let otherwise):
            for (condition, body) in branches where try evaluate(condition).isTrue { return try execute(body) }
            return try execute(otherwise)
        case .loop(let target, let over, let filter, let body, let otherwise):
            return try loop(target, try evaluate(over).iterated(meter), filter, body, otherwise)
        case .assign(let target, let expression): try assign(try evaluate(expression), to: target)
        case .capture(let target, let filters, let body):
            let text = try capture(body, in: Scope(parent: scope))
            try assign(try follow(filters, from: .string(text)), to: target)
        case .macro(let definition): scope.names[definition.name] = try closure(definition)
        case .call(let callee, let definition):
            try write(try evaluateCall(callee, caller: try closure(definition)).text(meter))
        case .filter(let filters, let body):
            let text = try capture(body, in: Scope(parent: scope))
            try write(try follow(filters, from: .string(text)).text(meter))
        case .with(let assignments, let body):
            // The values see the names outside, not each other.
            let values = try assignments.map { try evaluate($0.value) }
            return try scoped { [self] in
                for (assignment, value) in zip(assignments, values) { try assign(value, to: assignment.target) }
                return try execute(body)
            }
        case .scope(let body): return try scoped { [self] in try execute(body) }
        case .leaveLoop: return .leaveLoop
        case .nextTurn: return .nextTurn
        }
        return .onward
    }

    private func scoped(_ body: () throws -> Flow) throws -> Flow {
        let outer = scope
        scope = Scope(parent: outer)
        defer { scope = outer }
        return try body()
    }

    private func loop(
        _ target: Target, _ candidates: [Value], _ filter: Expression?, _ body: [Statement], _ otherwise: [Statement]
    ) throws -> Flow {
        var items = candidates
        if let filter {
            items = []
            for candidate in candidates {
                try meter.charge(Interpreter.turnCost)
                let passes = try scoped { [self] in
                    try assign(candidate, to: target)
                    return try evaluate(filter).isTrue ? .onward : .nextTurn
                }
                if passes == .onward { items.append(candidate) }
            }
        }
        if items.isEmpty { return try scoped { [self] in try execute(otherwise) } }
        let state = LoopState(try List(items))
        for (index, item) in items.enumerated() {
            try meter.charge(Interpreter.turnCost)
            state.index = index
            let flow = try scoped { [self] in
                scope.names["loop"] = .loop(state)
                try assign(item, to: target)
                return try execute(body)
            }
            if flow == .leaveLoop { break }
        }
        return .onward
    }

    private func assign(_ value: Value, to target: Target) throws {
        switch target {
        case .name(let name): scope.names[name] = value
        case .attribute(let name, let attribute):
            guard case .namespace(let namespace) = scope.value(of: name) else {
                throw Failure.problem("cannot assign an attribute of '\(name)': it is no namespace")
            }
            try namespace.attributes.set(attribute, to: value)
        case .several(let targets):
            let values = try value.defined().iterated(meter)
            guard values.count == targets.count else {
                throw Failure.value("cannot unpack \(values.count) values into \(targets.count) names")
            }
            for (target, value) in zip(targets, values) { try assign(value, to: target) }
        }
    }
}
