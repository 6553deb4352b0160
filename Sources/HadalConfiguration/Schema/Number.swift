import HadalJSON

extension ValueType<Double> {
    static func number(_ range: ClosedRange<Double>, example: String) -> ValueType {
        .scalar("number, \(range.lowerBound) to \(range.upperBound)", example: example) { text, _ throws(WrongValue) in
            guard text.wholeMatch(of: /[0-9]+(\.[0-9]+)?/) != nil, let number = Double(text), range.contains(number)
            else {
                throw WrongValue(
                    problem: "\(quoted(text)) is no number from \(range.lowerBound) to \(range.upperBound)",
                    advice: "write one such as \(example)")
            }
            return number
        } json: {
            .double($0)
        }
    }
}
