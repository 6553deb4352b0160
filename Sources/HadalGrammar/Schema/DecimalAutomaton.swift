extension ScalarAutomaton {
    /// Numbers between bounds, written without exponent and without −0.
    ///
    /// A number is read digit by digit beside both bounds: of each it must be known whether what has been read is less,
    /// equal or greater, and how many digits there were.
    ///
    /// - Throws: `limitExceeded` where the multiples are too many.
    init(
        isInteger: Bool, isFraction: Bool, lower: Alternative.Bound?, upper: Alternative.Bound?, multiples: [Decimal],
        limits: GrammarLimits
    ) throws(GrammarError) {
        let reader = try DecimalReader(
            isInteger: isInteger, isFraction: isFraction, lower: lower, upper: upper, multiples: multiples)
        let start = DecimalReader.State()
        var states = [start]
        var known: [DecimalReader.State: Int32] = [start: 0]
        // Classes: '-', '.', and each digit, with what lies between them.
        let characters: [UInt32] = [0x2D, 0x2E] + Array(0x30...0x39)
        let classes: [UInt32] = [0, 0x2D, 0x2E, 0x2F] + Array(0x30...0x3A)
        var table: [Int32] = []
        var index = 0
        while index < states.count {
            let state = states[index]
            index += 1
            for begin in classes {
                guard characters.contains(begin), let next = reader.read(UInt8(begin), state) else {
                    table.append(ScalarAutomaton.dead)
                    continue
                }
                if known[next] == nil {
                    guard states.count < 4 * limits.regexStates else {
                        throw .limitExceeded(what: "remainders of a number", limit: 4 * limits.regexStates)
                    }
                    known[next] = Int32(states.count)
                    states.append(next)
                }
                table.append(known[next]!)
            }
        }
        self = ScalarAutomaton(classes: classes, table: table, accepts: states.map(reader.accepts)).trimmed
    }
}

/// Reads a number beside its bounds.
private struct DecimalReader {
    enum Phase: Hashable { case start, sign, zero, integer, point, fraction }
    enum Order: Hashable { case less, equal, greater }

    struct State: Hashable {
        var phase = Phase.start
        var isNegative = false
        /// Digits before the point, then those after it.
        var count = 0
        /// What has been read beside as many digits of the magnitudes' bounds.
        var low = Order.equal
        var high = Order.equal
        /// Of the digits as an integer.
        var remainder = 0
        /// Whether a digit after the point is none of 0; kept where it matters.
        var hasFraction = false
    }

    /// Of the magnitude.
    private struct Range {
        var low: Alternative.Bound?
        var high: Alternative.Bound?
        var isEmpty = false
    }

    private let isInteger: Bool
    private let isFraction: Bool
    private let positive: Range
    private let negative: Range
    /// The number times 10 to the power of `places` must be a multiple of each.
    private let divisor: Int
    private let places: Int?

    init(
        isInteger: Bool, isFraction: Bool, lower: Alternative.Bound?, upper: Alternative.Bound?, multiples: [Decimal]
    ) throws(GrammarError) {
        self.isInteger = isInteger
        self.isFraction = isFraction
        let zero = Alternative.Bound(value: .zero, isIncluded: true)
        var positive = Range(low: zero, high: upper)
        if let lower, !lower.value.isNegative { positive.low = lower }
        if let upper, upper.value.isNegative { positive.isEmpty = true }
        // −x lies between the bounds where x lies between their opposites; and −0 is not wanted.
        var negative = Range(low: .init(value: .zero, isIncluded: false), high: nil)
        if let lower {
            negative.high = .init(value: lower.value.negated, isIncluded: lower.isIncluded)
            if !lower.value.isNegative { negative.isEmpty = true }
        }
        if let upper, upper.value.isNegative {
            negative.low = .init(value: upper.value.negated, isIncluded: upper.isIncluded)
        }
        self.positive = positive
        self.negative = negative
        let places = multiples.map(\.fraction.count).max()
        self.places = places
        var divisor = 1
        for multiple in multiples {
            guard let value = multiple.scaled(by: places ?? 0), value > 0 else {
                throw .limitExceeded(what: "digits of multipleOf", limit: 18)
            }
            var (a, b) = (divisor, value)
            while b != 0 { (a, b) = (b, a % b) }
            let (result, overflow) = (divisor / a).multipliedReportingOverflow(by: value)
            guard !overflow, result < DecimalReader.divisorMax else {
                throw .limitExceeded(what: "multipleOf", limit: DecimalReader.divisorMax)
            }
            divisor = result
        }
        self.divisor = divisor
    }

    private static let divisorMax = 1_000_000

    func read(_ byte: UInt8, _ state: State) -> State? {
        var next = state
        switch (state.phase, byte) {
        case (.start, UInt8(ascii: "-")):
            next.phase = .sign
            next.isNegative = true
            return negative.isEmpty ? nil : next
        case (.zero, UInt8(ascii: ".")), (.integer, UInt8(ascii: ".")):
            guard !isInteger, places != 0 else { return nil }
            endInteger(&next)
            next.phase = .point
            next.count = 0
            return next
        case (.start, 48...57), (.sign, 48...57), (.integer, 48...57):
            if state.phase == .start, positive.isEmpty { return nil }
            guard state.count < NetworkBuilder.integerDigitsMax else { return nil }
            next.phase = byte == 48 && state.phase != .integer ? .zero : .integer
            if next.phase == .zero {
                // The bounds' digits have no leading zero.
                next.count = 0
            } else {
                let range = range(state)
                compare(byte - 48, digits: range.low?.value.integer, at: state.count, isFraction: false, &next.low)
                compare(byte - 48, digits: range.high?.value.integer, at: state.count, isFraction: false, &next.high)
                next.count += 1
            }
        case (.point, 48...57), (.fraction, 48...57):
            guard state.count < min(NetworkBuilder.fractionDigitsMax, places ?? .max) else { return nil }
            next.phase = .fraction
            next.hasFraction = isFraction && (state.hasFraction || byte != 48)
            let range = range(state)
            compare(byte - 48, digits: range.low?.value.fraction, at: state.count, isFraction: true, &next.low)
            compare(byte - 48, digits: range.high?.value.fraction, at: state.count, isFraction: true, &next.high)
            next.count += 1
        default: return nil
        }
        next.remainder = (state.remainder * 10 + Int(byte - 48)) % divisor
        return next
    }

    func accepts(_ state: State) -> Bool {
        var end = state
        switch state.phase {
        case .start, .sign, .point: return false
        case .zero, .integer: endInteger(&end)
        case .fraction: break
        }
        guard !isFraction || state.hasFraction else { return false }
        let read = state.phase == .fraction ? state.count : 0
        let range = range(state)
        if let low = range.low {
            let order = ended(end.low, low.value.fraction, read)
            guard order == .greater || (order == .equal && low.isIncluded) else { return false }
        }
        if let high = range.high {
            let order = ended(end.high, high.value.fraction, read)
            guard order == .less || (order == .equal && high.isIncluded) else { return false }
        }
        var remainder = state.remainder
        for _ in read..<max(read, places ?? 0) { remainder = remainder * 10 % divisor }
        return remainder == 0
    }

    private func range(_ state: State) -> Range { state.isNegative ? negative : positive }

    private func compare(_ digit: UInt8, digits: [UInt8]?, at place: Int, isFraction: Bool, _ order: inout Order) {
        guard order == .equal, let digits, place < digits.count || isFraction else { return }
        let other = place < digits.count ? digits[place] : 0
        order = digit < other ? .less : digit > other ? .greater : .equal
    }

    /// Of numbers without leading zeros the longer one is greater.
    private func endInteger(_ state: inout State) {
        let range = range(state)
        func end(_ order: inout Order, _ bound: Alternative.Bound?) {
            guard let digits = bound?.value.integer else { return }
            if state.count != digits.count { order = state.count < digits.count ? .less : .greater }
        }
        end(&state.low, range.low)
        end(&state.high, range.high)
    }

    private func ended(_ order: Order, _ fraction: [UInt8], _ read: Int) -> Order {
        order == .equal && fraction.count > read ? .less : order
    }
}
