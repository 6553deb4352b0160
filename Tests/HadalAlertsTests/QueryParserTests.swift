import Foundation
import TestSupport
import Testing

@testable import HadalAlerts

/// PromQL as operators write it.
struct QueryParserTests {
    @Test func builtInRulesAreReadAsTheyAreWritten() throws {
        var limits = AlertLimits()
        limits.latency = .init(seconds: 2.5, share: 0.95)
        limits.firstToken = 10
        for rule in try BuiltInRules.rules(limits) {
            for query in [rule.query] + [rule.confirmation].compactMap(\.self) + rule.guards.map(\.query) {
                #expect(try Query(parsing: query.promQL) == query, "\(rule.name): \(query.promQL)")
            }
        }
    }

    @Test func whateverIsWrittenIsReadAgain() throws {
        var random = RandomQueries(state: 20_261_130)
        for _ in 0..<2000 {
            let query = random.query(depth: 5)
            let text = query.promQL
            #expect((try? Query(parsing: text)) == query, "\(text)")
        }
    }

    @Test(
        arguments: [
            ("a + b * c", "a + (b * c)"), ("a - b - c", "(a - b) - c"), ("(a+b)/2", "(a + b) / 2"),
            ("sum(rate(a_total[1h30m]))", "sum by (instance) (rate(a_total[90m]))"),
            ("sum (a) by (model,)", "sum by (instance, model) (a)"), ("max by(x)(a)", "max by (instance, x) (a)"),
            ("a{b='c', d=~\"x|y\",}", "a{b=\"c\",d=~\"x|y\"}"), ("-1.5e-3 * a", "-0.0015 * a"), ("sum", "sum"),
            ("  a\n  > inf", nil), ("a{}", "a"),
        ] as [(String, String?)])
    func itIsReadAsPrometheusReadsIt(text: String, written: String?) throws {
        guard let written else {
            #expect(throws: QueryProblem.self) { try Query(parsing: text) }
            return
        }
        #expect(try Query(parsing: text).promQL == written)
    }

    @Test(arguments: [
        ("", 1, "expected a metric"), ("a +", 4, "expected a metric"), ("(a", 3, "')'"), ("a b", 3, "the end"),
        ("a > 5", 3, "above or below"), ("rate(a)", 7, "rate(a[5m])"), ("rate(a[5])", 8, "a time"),
        ("a[5m]", 2, "rate(a[…])"), ("avg(a)", 1, "no function 'avg'"), ("a{b!~\"c\"}", 4, "!~"),
        ("a{b=~\"5..\"}", 6, "5.*"), ("a{b=c}", 5, "quotes"), ("a{b", 4, "=, != or =~"), ("sum(5)", 5, "a metric"),
        ("histogram_quantile(2, a)", 20, "from 0 to 1"), ("a{b=\"c", 5, "no end"), ("-a", 1, "0 - "),
        ("rate(a[5x])", 8, "5m"), ("a{b=\"\\d\"}", 6, "escape"), ("a ; b", 3, "no meaning"),
        ("sum by model (a)", 8, "'('"),
        (String(repeating: "(", count: 60) + "a", 51, "in one another"),
        (String(repeating: "a", count: 5000), 4097, "4096"),
    ])
    func whatIsWrongIsToldWithItsPlace(text: String, column: Int, words: String) {
        do throws(QueryProblem) {
            _ = try Query(parsing: text)
            Issue.record("'\(text)' is read")
        } catch {
            #expect(error.column == column && error.problem.contains(words), "\(text): \(error)")
        }
    }
}

/// Queries of any shape.
private struct RandomQueries {
    private var random: SplitMix

    init(state: UInt64) { random = SplitMix(state: state) }

    mutating func query(depth: Int) -> Query {
        guard depth > 0 else { return Bool.random(using: &random) ? .constant(constant()) : vector(depth: 0) }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return .constant(constant())
        case 1: return .time
        case 2:
            let operation: [Query.Operation] = [.plus, .minus, .times, .dividedBy]
            return .arithmetic(
                operation.randomElement(using: &random)!, query(depth: depth - 1), query(depth: depth - 1))
        default: return vector(depth: depth)
        }
    }

    /// With labels.
    private mutating func vector(depth: Int) -> Query {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 3), using: &random) {
        case 0: return .gauge(selector())
        case 1: return .rate(selector(), over: Double(Int.random(in: 1...21_600, using: &random)))
        case 2: return .increase(selector(), over: Double(Int.random(in: 1...21_600, using: &random)))
        case 3: return .quantile(Double.random(in: 0...1, using: &random), vector(depth: depth - 1))
        case 4: return .sum(vector(depth: depth - 1), by: labels())
        case 5: return .max(vector(depth: depth - 1), by: labels())
        default: return .arithmetic(.minus, query(depth: depth - 1), vector(depth: depth - 1))
        }
    }

    private mutating func constant() -> Double {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: Double(Int.random(in: -1000...1000, using: &random))
        case 1: Double.random(in: -1e-6...1e-6, using: &random)
        case 2: Double.random(in: -1e30...1e30, using: &random)
        default: Bool.random(using: &random) ? .infinity : -.infinity
        }
    }

    private mutating func labels() -> [String] {
        ["model", "tenant", "le", "by"].filter { _ in Bool.random(using: &random) }
    }

    private mutating func selector() -> Selector {
        let metric = ["hadal_a_total", "rate", "sum", "by", "time", "vllm:b", "_c"].randomElement(using: &random)!
        let matchers = (0..<Int.random(in: 0...2, using: &random)).map { _ in
            Selector.Matcher(label: ["model", "by", "status"].randomElement(using: &random)!, condition: condition())
        }
        return Selector(metric, matchers)
    }

    private mutating func condition() -> Selector.Matcher.Condition {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: .is(text())
        case 1: .isNot(text())
        case 2: .hasPrefix(text())
        default: .isOneOf((0..<Int.random(in: 1...3, using: &random)).map { _ in text() })
        }
    }

    private mutating func text() -> String {
        let scalars = Array("ab5.*|\\\"'(){}[]^$+? \n\u{301}é模".unicodeScalars)
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...5, using: &random) { text.append(scalars.randomElement(using: &random)!) }
        return String(text)
    }
}
