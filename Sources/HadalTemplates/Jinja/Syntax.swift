/// An expression of the template language. Chains of operators of one rank are lists, not deep trees, so that neither
/// evaluating nor freeing a long chain needs much stack.
indirect enum Expression: Sendable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case name(String)
    case list([Expression])
    case tuple([Expression])
    case dictionary([(key: Expression, value: Expression)])
    case not(Expression)
    case negative(Expression)
    case positive(Expression)
    /// Left to right: `a + b - c`.
    case arithmetic(Expression, [(operation: ArithmeticOperator, operand: Expression)])
    /// `a ~ b ~ c`
    case concatenation([Expression])
    /// Chained as in Python: `a < b < c`.
    case comparison(Expression, [(operation: ComparisonOperator, operand: Expression)])
    case and([Expression])
    case or([Expression])
    /// `value if condition else …`; without `else` undefined.
    case conditional([(condition: Expression, value: Expression)], otherwise: Expression?)
    /// `base.attribute[item](call)|filter is test`
    case chain(Expression, [Link])
}

enum ArithmeticOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case remainder = "%"
    case power = "**"
}

enum ComparisonOperator: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case contained = "in"
    case notContained = "not in"
}

/// One step of a chain after its base.
struct Link: Sendable {
    enum Kind: Sendable {
        case attribute(String)
        case item(Expression)
        case slice(start: Expression?, stop: Expression?, step: Expression?)
        case call(CallArguments)
        case filter(String, CallArguments)
        case test(String, CallArguments, negated: Bool)
    }

    var kind: Kind
    var line: Int
}

struct CallArguments: Sendable {
    var positional: [Expression] = []
    var keyword: [(name: String, value: Expression)] = []
    /// `*arguments`
    var sequence: Expression?
    /// `**arguments`
    var mapping: Expression?
}

/// Where a value goes: `name`, `namespace.attribute`, or several of them.
indirect enum Target: Sendable {
    case name(String)
    case attribute(of: String, String)
    case several([Target])
}

struct Parameter: Sendable {
    var name: String
    var fallback: Expression?
}

/// What `macro` and `call` define.
struct MacroDefinition: Sendable {
    var name: String
    var parameters: [Parameter]
    var body: [Statement]
    /// Whether the body reads `varargs`, `kwargs` or `caller`: only then may the call carry such arguments.
    var takesVariadic: Bool
    var takesKeywords: Bool
    var takesCaller: Bool
}

struct Statement: Sendable {
    indirect enum Kind: Sendable {
        case text(String)
        case output(Expression)
        case branch([(condition: Expression, body: [Statement])], otherwise: [Statement])
        case loop(target: Target, over: Expression, filter: Expression?, body: [Statement], otherwise: [Statement])
        case assign(Target, Expression)
        /// `{% set x | filters %}…{% endset %}`
        case capture(Target, filters: [Link], body: [Statement])
        case macro(MacroDefinition)
        /// `{% call(parameters) callee(…) %}…{% endcall %}`; the last link of `callee` is the call.
        case call(callee: Expression, MacroDefinition)
        case filter([Link], body: [Statement])
        case with([(target: Target, value: Expression)], body: [Statement])
        /// A body with names of its own: `generation`, `block`.
        case scope([Statement])
        case leaveLoop
        case nextTurn
    }

    var kind: Kind
    var line: Int
}
