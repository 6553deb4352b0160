/// Reads `metric{label="value",…} number`.
struct MetricLineReader {
    private let bytes: Substring.UTF8View
    private let number: Int
    private var position: Substring.UTF8View.Index

    init(_ line: Substring.UTF8View, number: Int) {
        (bytes, self.number, position) = (line, number, line.startIndex)
    }

    private var current: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private func failure(_ problem: String) -> AlertError { .metrics(line: number, problem: problem) }

    mutating func metric() throws(AlertError) -> String { try name("a metric's name") }

    mutating func labels() throws(AlertError) -> Labels {
        guard take("{") else { return [:] }
        var pairs: [String: String] = [:]
        while !take("}") {
            let name = try name("a label's name")
            guard take("="), take("\"") else { throw failure("expected =\" after the label \(name)") }
            guard pairs.updateValue(try quoted(), forKey: name) == nil else {
                throw failure("the label \(name) stands there twice")
            }
            guard take(",") || current == UInt8(ascii: "}") else { throw failure("expected , or } after a label") }
        }
        return Labels(pairs)
    }

    /// The rest of the line.
    mutating func value() throws(AlertError) -> Double {
        guard take(" ") else { throw failure("expected a space before the value") }
        let text = String(decoding: bytes[position...], as: UTF8.self)
        switch text {
        case "+Inf": return .infinity
        case "-Inf": return -.infinity
        case "NaN": return .nan
        default:
            guard let value = Double(text) else { throw failure("'\(text.prefix(40))' is no number") }
            return value
        }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: scalar) else { return false }
        position = bytes.index(after: position)
        return true
    }

    private mutating func name(_ what: String) throws(AlertError) -> String {
        let end =
            bytes[position...].firstIndex { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ":"):
                    false
                default: true
                }
            } ?? bytes.endIndex
        guard end > position else { throw failure("expected \(what)") }
        defer { position = end }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }

    /// What stands before the next quote; `\\`, `\"` and `\n` are escapes.
    private mutating func quoted() throws(AlertError) -> String {
        var text: [UInt8] = []
        while let byte = current {
            position = bytes.index(after: position)
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                if take("n") {
                    text.append(UInt8(ascii: "\n"))
                } else if take("\\") {
                    text.append(UInt8(ascii: "\\"))
                } else if take("\"") {
                    text.append(UInt8(ascii: "\""))
                } else {
                    throw failure("there is no such escape in a label's value")
                }
            default: text.append(byte)
            }
        }
        throw failure("a label's value has no end")
    }
}
