import Foundation
import HadalJSON

extension ValueType<Decimal> {
    /// An amount in the organisation's currency, whichever that is.
    static var money: ValueType {
        .scalar("amount of money", example: "2.50") { text, _ throws(WrongValue) in
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            let isNumber =
                parts.count <= 2 && text.utf8.count <= 20 && Digits.number(parts[0]) != nil
                && parts.dropFirst().allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }
            guard isNumber, let amount = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")) else {
                throw WrongValue(
                    problem: "\(quoted(text)) is no amount of money",
                    advice: "write digits, with a point before the fraction and without currency, such as 2.50")
            }
            return amount
        } json: {
            .string("\($0)")
        }
    }
}
