import HadalJSON

/// A decimal number as JSON writes it: digits before and after the point. No rounding.
struct Decimal: Hashable, Sendable {
    var isNegative: Bool
    /// Without leading zeros: empty for less than 1.
    var integer: [UInt8]
    /// Without trailing zeros.
    var fraction: [UInt8]

    static let zero = Decimal(isNegative: false, integer: [], fraction: [])

    init(isNegative: Bool, integer: [UInt8], fraction: [UInt8]) {
        self.integer = Array(integer.drop { $0 == 0 })
        var fraction = fraction
        while fraction.last == 0 { fraction.removeLast() }
        self.fraction = fraction
        self.isNegative = isNegative && !(self.integer.isEmpty && fraction.isEmpty)
    }

    /// - value: finite; the shortest decimal that is the double.
    init?(_ value: JSON) {
        switch value {
        case .int(let int): self.init(text: "\(int)")
        case .double(let double) where double.isFinite: self.init(text: "\(double)")
        default: return nil
        }
    }

    /// Digits, point and exponent as Swift writes numbers.
    private init(text: String) {
        let parts = text.lowercased().split(separator: "e")
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = mantissa[0].utf8.filter { $0 >= 48 }.map { $0 - 48 }
        let digits = whole + (mantissa.count > 1 ? mantissa[1].utf8.map { $0 - 48 } : [])
        let point = whole.count + exponent
        let zeros = [UInt8](repeating: 0, count: max(-point, point - digits.count, 0))
        let isNegative = text.hasPrefix("-")
        if point <= 0 {
            self.init(isNegative: isNegative, integer: [], fraction: zeros + digits)
        } else if point >= digits.count {
            self.init(isNegative: isNegative, integer: digits + zeros, fraction: [])
        } else {
            self.init(isNegative: isNegative, integer: Array(digits[..<point]), fraction: Array(digits[point...]))
        }
    }

    var negated: Decimal { Decimal(isNegative: !isNegative, integer: integer, fraction: fraction) }

    /// Negative, 0 or positive as this is less than, equal to or greater than `other`.
    func compare(_ other: Decimal) -> Int {
        if isNegative != other.isNegative { return isNegative ? -1 : 1 }
        return isNegative ? -compareMagnitude(other) : compareMagnitude(other)
    }

    private func compareMagnitude(_ other: Decimal) -> Int {
        if integer.count != other.integer.count { return integer.count < other.integer.count ? -1 : 1 }
        let (left, right) = (integer + fraction, other.integer + other.fraction)
        return left.elementsEqual(right) ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
    }

    /// This number times 10 to the power of `places`; nil where that is no integer or too large.
    func scaled(by places: Int) -> Int? {
        guard fraction.count <= places, integer.count + places <= 18 else { return nil }
        var value = 0
        for digit in integer + fraction + [UInt8](repeating: 0, count: places - fraction.count) {
            value = value * 10 + Int(digit)
        }
        return isNegative ? -value : value
    }

    /// Whether this is an integer times `other`; nil where the numbers are too long to tell.
    func isMultiple(of other: Decimal) -> Bool? {
        let places = max(fraction.count, other.fraction.count)
        guard let own = scaled(by: places), let unit = other.scaled(by: places), unit != 0 else { return nil }
        return own % unit == 0
    }
}
