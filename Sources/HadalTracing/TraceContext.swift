import HadalJSON
import Tracing

/// Where a span belongs, as W3C's Trace Context passes it on (https://www.w3.org/TR/trace-context/).
public struct TraceContext: Sendable, Hashable {
    public static let parentHeader = "traceparent"
    public static let stateHeader = "tracestate"
    private static let stateBytesMax = 512

    /// 16 bytes, not all zero.
    public var trace: [UInt8]
    /// 8 bytes, not all zero.
    public var span: [UInt8]
    /// Whether it is recorded.
    public var isSampled: Bool
    /// What other systems add; passed on as it is.
    public var state: String?

    init(trace: [UInt8], span: [UInt8], isSampled: Bool, state: String? = nil) {
        (self.trace, self.span, self.isSampled, self.state) = (trace, span, isSampled, state)
    }

    /// - Parameter header: `00-TRACE-SPAN-FLAGS`; of later versions what this one knows of them.
    /// - Returns: nil where it is none, as the recommendation says: a new trace begins then.
    public init?(header: String, state: String? = nil) {
        let parts = header.utf8.split(separator: 0x2D, omittingEmptySubsequences: false)
        guard parts.count >= 4, let version = Self.bytes(parts[0], 1), version != [0xFF],
            version != [0] || parts.count == 4,
            let trace = Self.bytes(parts[1], 16), trace.contains(where: { $0 != 0 }),
            let span = Self.bytes(parts[2], 8),
            span.contains(where: { $0 != 0 }), let flags = Self.bytes(parts[3], 1)
        else { return nil }
        self.init(trace: trace, span: span, isSampled: flags[0] & 1 == 1)
        if let state, state.utf8.count <= Self.stateBytesMax { self.state = state }
    }

    public var header: String { "00-\(traceText)-\(spanText)-\(isSampled ? "01" : "00")" }
    public var traceText: String { Self.text(trace) }
    public var spanText: String { Self.text(span) }

    /// Of a new trace.
    static func begin(isSampled: (_ trace: [UInt8]) -> Bool) -> TraceContext {
        let trace = chance(16)
        return TraceContext(trace: trace, span: chance(8), isSampled: isSampled(trace))
    }

    /// Of a span below this one.
    var child: TraceContext { TraceContext(trace: trace, span: Self.chance(8), isSampled: isSampled, state: state) }

    private static func chance(_ count: Int) -> [UInt8] {
        var bytes = (0..<count).map { _ in UInt8.random(in: 0...255) }
        // All zero is no name.
        if bytes.allSatisfy({ $0 == 0 }) { bytes[0] = 1 }
        return bytes
    }

    private static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Lower-case hexadecimal digits.
    private static func bytes(_ digits: Substring.UTF8View, _ count: Int) -> [UInt8]? {
        guard digits.count == count * 2 else { return nil }
        var values: [UInt8] = []
        for digit in digits {
            switch digit {
            case 0x30...0x39: values.append(digit - 0x30)
            case 0x61...0x66: values.append(digit - 0x57)
            default: return nil
            }
        }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    // MARK: in a service context

    private enum Key: ServiceContextKey { typealias Value = TraceContext }

    /// Of the span that the task is in.
    public static func current(of context: ServiceContext) -> TraceContext? { context[Key.self] }

    func placed(in context: ServiceContext) -> ServiceContext {
        var context = context
        context[Key.self] = self
        return context
    }
}
