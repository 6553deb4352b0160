import Foundation

/// A value as it stands in a column.
public enum StateValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob(Data)
}

/// What can be an argument of a statement. Truth values stand as 1 and 0.
public protocol StateConvertible {
    var stateValue: StateValue { get }
}

extension StateValue: StateConvertible {
    public var stateValue: StateValue { self }
}

extension Int64: StateConvertible {
    public var stateValue: StateValue { .integer(self) }
}

extension Int: StateConvertible {
    public var stateValue: StateValue { .integer(Int64(self)) }
}

extension Bool: StateConvertible {
    public var stateValue: StateValue { .integer(self ? 1 : 0) }
}

extension Double: StateConvertible {
    public var stateValue: StateValue { .real(self) }
}

extension String: StateConvertible {
    public var stateValue: StateValue { .text(self) }
}

extension Data: StateConvertible {
    public var stateValue: StateValue { .blob(self) }
}

/// The values of a statement's parameters, in order; nil is NULL.
public struct StateArguments: Sendable, Hashable, ExpressibleByArrayLiteral {
    public private(set) var values: [StateValue]

    public init(arrayLiteral elements: (any StateConvertible)?...) {
        values = elements.map { $0?.stateValue ?? .null }
    }

    public mutating func append(_ value: (any StateConvertible)?) { values.append(value?.stateValue ?? .null) }

    public static func + (left: StateArguments, right: StateArguments) -> StateArguments {
        var sum = left
        sum.values += right.values
        return sum
    }
}
