/// Values above one bound and below another; neither bound is among them.
public struct Bounds<Value: Comparable & Hashable & Sendable>: Sendable, Hashable, CustomStringConvertible {
    public var above: Value?
    public var below: Value?

    public init(above: Value? = nil, below: Value? = nil) {
        self.above = above
        self.below = below
    }

    public func contains(_ value: Value) -> Bool {
        if let above, value <= above { return false }
        if let below, value >= below { return false }
        return true
    }

    public var description: String {
        [above.map { "above \($0)" }, below.map { "below \($0)" }].compactMap(\.self).joined(separator: " and ")
    }
}
