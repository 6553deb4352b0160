import Foundation
import Testing

@testable import HadalRouting

@Suite struct ConditionTests {
    private func holds(_ condition: String, _ change: (inout RouteRequest) -> Void) throws -> Bool {
        var request = RouteRequest(id: "1", tenant: "acme", user: "li", roles: ["user", "legal"], promptTokens: 1000)
        change(&request)
        return try RoutingFixtures.table(when: condition).targets("chat", request) == ["large"]
    }

    @Test func namesArePatternsOfWhichOneIsEnough() throws {
        #expect(try holds(#"{"tenants": ["other", "ac*"]}"#) { _ in })
        #expect(try holds(#"{"tenants": "acme"}"#) { _ in })
        #expect(try !holds(#"{"tenants": ["acm", "cme"]}"#) { _ in })
        #expect(try holds(#"{"roles": ["legal"]}"#) { _ in })
        #expect(try !holds(#"{"roles": ["admin"]}"#) { _ in })
        #expect(try holds(#"{"users": ["l*"]}"#) { _ in })
        #expect(try !holds(#"{"users": ["*"]}"#) { $0.user = nil })
        #expect(try holds(#"{"tags": ["secret", "x"]}"#) { $0.tags = ["x"] })
        #expect(try !holds(#"{"tags": ["secret"]}"#) { _ in })
    }

    @Test(arguments: [
        ("*", "", true), ("a*c", "abbc", true), ("a*c", "ac", true), ("a*c", "abcd", false), ("*b*b", "abab", true),
        ("*b*b", "ab", false), ("a**", "a", true), ("é*", "éa", true), ("", "", true), ("", "a", false),
        ("*ab", "aab", true), ("a*b*c", "axxbyyc", true), ("a*b*c", "axxcyyb", false),
    ])
    func aStarStandsForAnyText(_ pattern: String, _ name: String, _ expected: Bool) {
        #expect(NamePattern(pattern).matches(name) == expected)
    }

    @Test func boundsAreNotAmongTheValues() throws {
        for (tokens, expected) in [(999, false), (1000, false), (1001, true), (1999, true), (2000, false)] {
            #expect(
                try holds(#"{"prompt_tokens": {"above": 1000, "below": 2000}}"#) { $0.promptTokens = tokens }
                    == expected)
        }
        #expect(try holds(#"{"output_tokens": {"above": 10}}"#) { $0.outputTokens = 11 })
        #expect(try holds(#"{"cost": {"above": 0.1}}"#) { $0.cost = Decimal(string: "0.1000001") })
        #expect(try !holds(#"{"cost": {"above": "0.1"}}"#) { $0.cost = Decimal(string: "0.1") })
    }

    @Test func whatIsNotKnownIsNeitherAboveNorBelow() throws {
        for condition in [
            #"{"output_tokens": {"below": 10}}"#, #"{"output_tokens": {"above": 0}}"#, #"{"cost": {"below": 9}}"#,
        ] {
            #expect(try !holds(condition) { _ in })
        }
    }

    @Test func allRequiredFeaturesMustBeNeeded() throws {
        let condition = #"{"requires": ["tools", "structured_output"]}"#
        #expect(try holds(condition) { $0.features = [.tools, .structuredOutput, .logprobs] })
        #expect(try !holds(condition) { $0.features = [.tools] })
        #expect(try holds(#"{"requires": "structured_output"}"#) { $0.features = [.structuredOutput] })
    }

    @Test func backgroundWorkIsToldApart() throws {
        #expect(try holds(#"{"background": true}"#) { $0.isBackground = true })
        #expect(try !holds(#"{"background": true}"#) { _ in })
        #expect(try holds(#"{"background": false}"#) { _ in })
    }

    @Test func everyConditionOfARuleMustHold() throws {
        let condition = #"{"tenants": "acme", "prompt_tokens": {"below": 10}}"#
        #expect(try !holds(condition) { _ in })
        #expect(try holds(condition) { $0.promptTokens = 9 })
        #expect(try !holds(condition) { ($0.promptTokens, $0.tenant) = (9, "other") })
    }
}

@Suite struct TimeWindowTests {
    private func holds(_ window: String, _ time: String) throws -> Bool {
        try RoutingFixtures.table(when: #"{"time": \#(window)}"#).targets(at: RoutingFixtures.date(time)) == ["large"]
    }

    @Test func aWindowIsInItsTimeZone() throws {
        let window = #"{"from": "08:00", "to": "10:00"}"#
        // Berlin is an hour ahead in winter, two in summer.
        #expect(try holds(window, "2026-01-15T07:00:00Z"))
        #expect(try !holds(window, "2026-01-15T06:59:59Z"))
        #expect(try holds(window, "2026-01-15T08:59:59Z"))
        #expect(try !holds(window, "2026-01-15T09:00:00Z"))
        #expect(try holds(window, "2026-07-15T06:00:00Z"))
        #expect(try !holds(window, "2026-07-15T08:00:00Z"))
        #expect(try holds(#"{"from": "08:00", "to": "10:00", "zone": "Asia/Shanghai"}"#, "2026-01-15T00:30:00Z"))
    }

    @Test func aWindowPastMidnightBelongsToTheDayItBeganOn() throws {
        // 2026-01-16 is a Friday.
        let window = #"{"from": "22:00", "to": "06:00", "days": ["fri"], "zone": "UTC"}"#
        #expect(try holds(window, "2026-01-16T22:00:00Z"))
        #expect(try holds(window, "2026-01-17T05:59:59Z"))
        #expect(try !holds(window, "2026-01-17T06:00:00Z"))
        #expect(try !holds(window, "2026-01-16T05:00:00Z"))
        #expect(try !holds(window, "2026-01-16T21:59:59Z"))
        #expect(try !holds(window, "2026-01-17T22:00:00Z"))
    }

    @Test func daysAloneAreWholeDaysAndMondayFollowsSunday() throws {
        let window = #"{"days": ["sun", "mon"], "zone": "UTC"}"#
        #expect(try holds(window, "2026-01-18T00:00:00Z"))
        #expect(try holds(window, "2026-01-19T23:59:59Z"))
        #expect(try !holds(window, "2026-01-20T00:00:00Z"))
        let night = #"{"from": "23:00", "to": "01:00", "days": ["sun"], "zone": "UTC"}"#
        #expect(try holds(night, "2026-01-19T00:30:00Z"))
        #expect(try !holds(night, "2026-01-18T00:30:00Z"))
    }

    @Test func oneOfSeveralWindowsIsEnough() throws {
        let windows = #"[{"days": "sat", "zone": "UTC"}, {"from": "12:00", "to": "24:00", "zone": "UTC"}]"#
        #expect(try holds(windows, "2026-01-17T03:00:00Z"))
        #expect(try holds(windows, "2026-01-16T23:59:59Z"))
        #expect(try !holds(windows, "2026-01-16T11:59:59Z"))
    }

    @Test func timesBefore1970AreOnTheirDay() {
        // 1969-12-31 was a Wednesday.
        let window = TimeWindow(weekdays: [2], zone: .gmt)
        #expect(window.contains(Date(timeIntervalSince1970: -1)))
        #expect(window.contains(Date(timeIntervalSince1970: -86_400)))
        #expect(!window.contains(Date(timeIntervalSince1970: 0)))
    }
}
