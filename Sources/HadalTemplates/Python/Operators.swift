import Foundation

/// Python's operators.
extension Value {
    static func arithmetic(_ operation: ArithmeticOperator, _ left: Value, _ right: Value, _ meter: Meter) throws
        -> Value
    {
        let left = try left.defined()
        // `'…' % x` formats; an undefined `x` prints as nothing there.
        if case .string(let format) = left, operation == .remainder {
            return .string(try PercentFormat.format(format, with: right, meter))
        }
        let right = try right.defined()
        if let a = left.integer, let b = right.integer { return try integers(operation, a, b) }
        if let a = left.number, let b = right.number { return try doubles(operation, a, b) }
        switch (operation, left, right) {
        case (.add, .string(let a), .string(let b)):
            try meter.charge(bytes: a.utf8.count + b.utf8.count)
            return .string(a + b)
        case (.add, .list(let a), .list(let b)):
            try meter.charge(elements: a.elements.count + b.elements.count)
            return try .list(of: a.elements + b.elements)
        case (.add, .tuple(let a), .tuple(let b)):
            try meter.charge(elements: a.elements.count + b.elements.count)
            return try .tuple(of: a.elements + b.elements)
        case (.multiply, let sequence, .int(let times)), (.multiply, .int(let times), let sequence):
            if let repeated = try sequence.repeated(max(0, times), meter) { return repeated }
        case (.multiply, let sequence, .bool(let once)), (.multiply, .bool(let once), let sequence):
            if let repeated = try sequence.repeated(once ? 1 : 0, meter) { return repeated }
        default: break
        }
        throw Failure.type(
            "unsupported operand type(s) for \(operation.rawValue): '\(left.typeName)' and '\(right.typeName)'")
    }

    private func repeated(_ times: Int, _ meter: Meter) throws -> Value? {
        switch self {
        case .string(let text):
            try meter.charge(bytes: try meter.product(text.utf8.count, times))
            return .string(String(repeating: text, count: times))
        case .list(let list):
            try meter.charge(elements: try meter.product(list.elements.count, times))
            return try .list(of: Array(repeatElement(list.elements, count: times).joined()))
        case .tuple(let list):
            try meter.charge(elements: try meter.product(list.elements.count, times))
            return try .tuple(of: Array(repeatElement(list.elements, count: times).joined()))
        default: return nil
        }
    }

    private var number: Double? {
        if case .double(let value) = self { return value }
        return integer.map(Double.init)
    }

    /// 64 bits where Python has no limit: more is an error, never a wrong number.
    private static func integers(_ operation: ArithmeticOperator, _ a: Int, _ b: Int) throws -> Value {
        func checked(_ result: (partialValue: Int, overflow: Bool)) throws -> Value {
            guard !result.overflow else { throw Failure.problem("OverflowError: integers are limited to 64 bits") }
            return .int(result.partialValue)
        }
        switch operation {
        case .add: return try checked(a.addingReportingOverflow(b))
        case .subtract: return try checked(a.subtractingReportingOverflow(b))
        case .multiply: return try checked(a.multipliedReportingOverflow(by: b))
        case .divide:
            guard b != 0 else { throw Failure.problem("ZeroDivisionError: division by zero") }
            return .double(Double(a) / Double(b))
        case .floorDivide:
            guard b != 0 else { throw Failure.problem("ZeroDivisionError: integer division or modulo by zero") }
            let result = a.dividedReportingOverflow(by: b)
            let inexact = a.remainderReportingOverflow(dividingBy: b).partialValue != 0
            if inexact, (a < 0) != (b < 0) { return .int(result.partialValue - 1) }
            return try checked(result)
        case .remainder:
            guard b != 0 else { throw Failure.problem("ZeroDivisionError: integer division or modulo by zero") }
            let result = a.remainderReportingOverflow(dividingBy: b).partialValue
            return .int(result != 0 && (result < 0) != (b < 0) ? result + b : result)
        case .power:
            if b < 0 { return try doubles(.power, Double(a), Double(b)) }
            var result = 1
            var base = a
            var exponent = b
            while exponent > 0 {
                if exponent & 1 == 1 {
                    guard case .int(let product) = try checked(result.multipliedReportingOverflow(by: base)) else {
                        break
                    }
                    result = product
                }
                exponent >>= 1
                if exponent > 0 {
                    guard case .int(let square) = try checked(base.multipliedReportingOverflow(by: base)) else { break }
                    base = square
                }
            }
            return .int(result)
        }
    }

    private static func doubles(_ operation: ArithmeticOperator, _ a: Double, _ b: Double) throws -> Value {
        switch operation {
        case .add: return .double(a + b)
        case .subtract: return .double(a - b)
        case .multiply: return .double(a * b)
        case .divide:
            guard b != 0 else { throw Failure.problem("ZeroDivisionError: float division by zero") }
            return .double(a / b)
        case .floorDivide, .remainder:
            guard b != 0 else { throw Failure.problem("ZeroDivisionError: float floor division by zero") }
            var remainder = a.truncatingRemainder(dividingBy: b)
            var quotient = (a - remainder) / b
            if remainder != 0, (remainder < 0) != (b < 0) {
                remainder += b
                quotient -= 1
            }
            if operation == .remainder {
                return .double(remainder == 0 ? Double(signOf: b, magnitudeOf: 0) : remainder)
            }
            let floor = quotient.rounded(.down)
            return .double(quotient - floor > 0.5 ? floor + 1 : floor)
        case .power:
            guard a != 0 || b >= 0 else {
                throw Failure.problem("ZeroDivisionError: 0.0 cannot be raised to a negative power")
            }
            let result = pow(a, b)
            guard !result.isNaN || a.isNaN || b.isNaN else { throw Failure.value("complex numbers are not supported") }
            guard result.isFinite || !a.isFinite || !b.isFinite else {
                throw Failure.problem("OverflowError: result too large")
            }
            return .double(result)
        }
    }

    static func compare(_ operation: ComparisonOperator, _ left: Value, _ right: Value, _ meter: Meter) throws -> Bool {
        switch operation {
        case .equal: try equal(left, right, meter)
        case .notEqual: try !equal(left, right, meter)
        case .less: try isLess(left, right, "<", meter)
        case .greater: try isLess(right, left, ">", meter, swapped: true)
        case .lessOrEqual: try isLess(left, right, "<=", meter, orEqual: true)
        case .greaterOrEqual: try isLess(right, left, ">=", meter, orEqual: true, swapped: true)
        case .contained: try right.contains(left, meter)
        case .notContained: try !right.contains(left, meter)
        }
    }

    static func equal(_ left: Value, _ right: Value, _ meter: Meter) throws -> Bool {
        try meter.charge()
        switch (left, right) {
        case (.undefined, .undefined), (.null, .null): return true
        case (.string(let a), .string(let b)):
            try meter.charge(min(a.utf8.count, b.utf8.count) / 32)
            return a.isSame(as: b)
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
            guard a !== b else { return true }
            guard a.elements.count == b.elements.count else { return false }
            for (x, y) in zip(a.elements, b.elements) where try !equal(x, y, meter) { return false }
            return true
        case (.dictionary(let a), .dictionary(let b)):
            guard a.count == b.count else { return false }
            for (key, value) in zip(a.keys, a.values) {
                guard let other = try b.value(for: key, meter), try equal(value, other, meter) else { return false }
            }
            return true
        case (.range(let a), .range(let b)):
            return a.count == b.count && (a.count == 0 || a.start == b.start && (a.count == 1 || a.step == b.step))
        case (.namespace(let a), .namespace(let b)): return a === b
        case (.generator(let a), .generator(let b)): return a === b
        case (.loop(let a), .loop(let b)): return a === b
        case (.callable(.macro(let a)), .callable(.macro(let b))): return a === b
        default:
            if let a = left.integer, let b = right.integer { return a == b }
            if let a = left.number, let b = right.number { return a == b }
            return false
        }
    }

    /// `left < right`, or with `orEqual` `left <= right`.
    static func isLess(
        _ left: Value, _ right: Value, _ symbol: String, _ meter: Meter, orEqual: Bool = false, swapped: Bool = false
    ) throws -> Bool {
        try meter.charge()
        switch (try left.defined(), try right.defined()) {
        case (.string(let a), .string(let b)):
            try meter.charge(min(a.utf8.count, b.utf8.count) / 32)
            return orEqual ? !b.isBefore(a) : a.isBefore(b)
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
            for (x, y) in zip(a.elements, b.elements) where try !equal(x, y, meter) {
                return try isLess(x, y, symbol, meter, orEqual: orEqual, swapped: swapped)
            }
            return orEqual ? a.elements.count <= b.elements.count : a.elements.count < b.elements.count
        default:
            if let a = left.integer, let b = right.integer { return orEqual ? a <= b : a < b }
            if let a = left.number, let b = right.number { return orEqual ? a <= b : a < b }
            let (first, second) = swapped ? (right, left) : (left, right)
            throw Failure.type(
                "'\(symbol)' not supported between instances of '\(first.typeName)' and '\(second.typeName)'")
        }
    }

    /// `element in self`
    func contains(_ element: Value, _ meter: Meter) throws -> Bool {
        switch self {
        case .string(let text):
            guard case .string(let part) = try element.defined() else {
                throw Failure.type("'in <string>' requires string as left operand, not \(element.typeName)")
            }
            try meter.charge(scanning: text)
            try meter.charge(scanning: part)
            return text.firstRange(of: part) != nil
        case .dictionary(let dictionary): return try dictionary.value(for: element, meter) != nil
        case .range(let range):
            guard let value = element.integer else { return false }
            guard
                range.step > 0 ? value >= range.start && value < range.stop : value <= range.start && value > range.stop
            else { return false }
            return (value - range.start) % range.step == 0
        default:
            for candidate in try iterated(meter) where try Value.equal(candidate, element, meter) { return true }
            return false
        }
    }

    /// The elements that a loop over this value sees. A generator is empty afterwards.
    func iterated(_ meter: Meter) throws -> [Value] {
        switch self {
        case .undefined: return []
        case .list(let list), .tuple(let list), .view(_, let list): return list.elements
        case .dictionary(let dictionary): return dictionary.keys
        case .string(let text):
            try meter.charge(scanning: text)
            try meter.charge(elements: text.unicodeScalars.count)
            return text.unicodeScalars.map { .string(String($0)) }
        case .range(let range):
            try meter.charge(elements: range.count)
            return (0..<range.count).map { .int(range[$0]) }
        case .generator(let generator): return generator.takeAll()
        case .null, .bool, .int, .double, .namespace, .callable, .loop:
            throw Failure.type("'\(typeName)' object is not iterable")
        }
    }

    /// `len(self)`; `nil` where there is none.
    var length: Int? {
        switch self {
        case .undefined: 0
        case .string(let text): text.unicodeScalars.count
        case .list(let list), .tuple(let list), .view(_, let list): list.elements.count
        case .dictionary(let dictionary): dictionary.count
        case .range(let range): range.count
        case .loop(let loop): loop.items.elements.count
        default: nil
        }
    }
}
