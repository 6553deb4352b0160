import Foundation

/// What stands in a file besides its rules and cases.
struct RuleFileHeader {
    var version = ""
    var name: String?
    var thresholds: RuleThresholds?
    var thresholdsLine = 0
    var holdBack: Int?
    var holdBackLine = 0
}

/// What the sum of weights means.
public struct RuleThresholds: Sendable, Hashable {
    public var review: Double?
    public var block: Double?
    /// For the user where the score blocks.
    public var message: String?
}

extension RuleReading {
    static let sizeLimit = 16 << 20
    private static let known = [
        "version", "name", "dry_run", "time_zone", "thresholds", "hold_back", "rules", "tests",
    ]

    struct File {
        var header = RuleFileHeader()
        var rules: [Rule] = []
        var tests: [RuleTest] = []
    }

    mutating func file(_ bytes: [UInt8]) -> File {
        var result = File()
        let root: YAMLValue?
        do throws(YAMLValue.Defect) {
            root = try YAMLValue.read(bytes)
        } catch {
            report(error.line, "", error.problem, error.advice)
            return result
        }
        guard let root, let fields = fields(root, "", known: Self.known) else {
            if root == nil { report(nil, "", "the file says nothing", "write 'version:' and 'rules:'") }
            return result
        }
        if fields["version"] == nil {
            report(nil, "version", "the file has no version", "write 'version: 1', and another one with each change")
        }
        result.header.version = text(fields, "version") ?? ""
        result.header.name = text(fields, "name")
        result.header.holdBack = integer(fields, "hold_back", 1...65_536)
        result.header.holdBackLine = fields["hold_back"]?.line ?? 0
        if let value = fields["thresholds"] {
            result.header.thresholds = thresholds(value)
            result.header.thresholdsLine = value.line
        }
        let isDryRun = flag(fields, "dry_run") ?? false
        let zone = timeZone(fields, "time_zone") ?? TimeZone(secondsFromGMT: 0) ?? .current
        for (index, item) in items(fields, "rules").enumerated() {
            if let rule = rule(item, "rules[\(index)]", zone, isDryRun: isDryRun) { result.rules.append(rule) }
        }
        for (index, item) in items(fields, "tests").enumerated() {
            if let test = test(item, "tests[\(index)]") { result.tests.append(test) }
        }
        return result
    }

    private mutating func thresholds(_ value: YAMLValue) -> RuleThresholds? {
        guard let fields = fields(value, "thresholds", known: ["review", "block", "message"]) else { return nil }
        let thresholds = RuleThresholds(
            review: number(fields, "review"), block: number(fields, "block"), message: text(fields, "message"))
        if fields["review"] == nil, fields["block"] == nil {
            report(value.line, "thresholds", "no threshold is given", "write review, block or both")
        }
        if let review = thresholds.review, let block = thresholds.block, review >= block {
            report(value.line, "thresholds", "review is not below block", "write the smaller one as review")
        }
        return thresholds
    }
}
