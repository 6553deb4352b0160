import Testing

@testable import HadalRouting

@Suite struct LoadingTests {
    @Test func everythingThatIsWrongIsToldWithItsPlace() throws {
        let problems = try RoutingFixtures.problems(
            """
            [{"alias": "x", "colour": 1, "zone": "Mars", "default": {"targets": []},
              "rules": [
                {"name": "one", "when": {"tenants": [], "size": 1, "prompt_tokens": {"above": -1}}, "use": "small"},
                {"name": "one", "when": {"cost": {"above": "1.2x"}, "output_tokens": {}}, "use": ["small", "gone"]},
                {"when": {"time": {"from": "25:00", "to": "06:00"}, "requires": ["sight"]}, "use": {"timeout": "5"}},
                {"name": "four", "when": {"time": {"from": "06:00"}, "background": "maybe"}, "use": [[]]},
                {"name": "five", "when": {"tags": "y"},
                 "use": {"targets": "a", "hedge_after": "p101", "sticky": "user"}},
                {"name": "six", "when": {"tags": "y"},
                 "use": [[{"target": "a", "weight": 0}, {"target": "b", "weight": 0}], "a"]},
                {"name": "seven", "when": {"time": {"days": ["lundi"]}}, "use": [{"target": "a", "weight": 2}]},
                {"name": "eight", "when": {"tags": "z"}}
              ]},
             {"alias": "x", "default": "a"}, {"alias": "y"}, 7]
            """)
        for (field, part) in [
            ("routes[0].colour", "no such field"), ("routes[0].zone", "no time zone"),
            ("routes[0].default.targets", "chain is empty"), ("routes[0].rules[0].when.tenants", "empty"),
            ("routes[0].rules[0].when.size", "no such field"),
            ("routes[0].rules[0].when.prompt_tokens.above", "no whole number"),
            ("routes[0].rules[1].name", "earlier rule"), ("routes[0].rules[1].when.cost.above", "no amount"),
            ("routes[0].rules[1].when.output_tokens", "no bound"), ("routes[0].rules[1].use", "'gone' is neither"),
            ("routes[0].rules[2].name", "missing"), ("routes[0].rules[2].when.time.from", "no time of day"),
            ("routes[0].rules[2].when.requires[0]", "not known"), ("routes[0].rules[2].use.timeout", "no duration"),
            ("routes[0].rules[2].use.targets", "missing"), ("routes[0].rules[3].when.time", "two ends"),
            ("routes[0].rules[3].when.background", "neither true nor false"),
            ("routes[0].rules[3].use[0]", "empty"), ("routes[0].rules[4].use.hedge_after", "percentile"),
            ("routes[0].rules[4].use.sticky", "nothing to choose"), ("routes[0].rules[5].use[0]", "all weights are 0"),
            ("routes[0].rules[5].use[1]", "already"), ("routes[0].rules[6].when.time.days", "no day"),
            ("routes[0].rules[6].use[0].weight", "no such field"), ("routes[0].rules[7].use", "missing"),
            ("routes[1].alias", "earlier route"), ("routes[2].default", "missing"),
            ("routes[3]", "group of fields"),
        ] {
            #expect(
                problems.contains { $0.field == field && $0.problem.contains(part) && !$0.advice.isEmpty },
                "\(field): \(part)")
        }
        #expect(problems.count == 28, "\(RouteTableError(problems: problems))")
    }

    /// What no request can be known to need must not stand in a rule, which would never hold.
    @Test(arguments: ["vision", "long_context"])
    func onlyWhatRequestsAreKnownToNeedCanBeRequired(_ word: String) throws {
        let problems = try RoutingFixtures.problems(
            #"[{"alias":"x","default":"a","rules":[{"name":"r","when":{"requires":["\#(word)"]},"use":"b"}]}]"#)
        #expect(problems.map(\.field) == ["routes[0].rules[0].when.requires[0]"])
        for feature in RouteFeature.allCases { #expect(problems[0].advice.contains(feature.rawValue)) }
    }

    @Test func boundsWithNothingBetweenThemAreRefused() throws {
        for bounds in [#"{"above": 5, "below": 5}"#, #"{"above": 6, "below": 5}"#, #"{"above": 5, "below": 6}"#] {
            #expect(throws: RouteTableError.self) {
                try RoutingFixtures.table(when: #"{"prompt_tokens": \#(bounds)}"#)
            }
        }
        #expect(throws: Never.self) { try RoutingFixtures.table(when: #"{"cost": {"above": 5, "below": 6}}"#) }
    }

    @Test(arguments: [
        #"{"from": "08:00", "to": "08:00"}"#, #"{"from": "24:00", "to": "08:00"}"#, #"{"from": "8", "to": "09:00"}"#,
        #"{"from": "+8:00", "to": "09:00"}"#, #"{"from": "08:60", "to": "09:00"}"#, #"{"from": "08:0", "to": "09:00"}"#,
        "{}", "[]", #"{"days": []}"#,
    ])
    func timesThatAreNoneAreRefused(_ window: String) {
        #expect(throws: RouteTableError.self) { try RoutingFixtures.table(when: #"{"time": \#(window)}"#) }
    }

    @Test func aliasesThatLeadBackToThemselvesAreRefused() throws {
        let problems = try RoutingFixtures.problems(
            """
            [{"alias": "x", "default": "y"},
             {"alias": "y", "default": "a", "rules": [{"name": "r", "when": {"tags": "t"}, "use": ["b", "z"]}]},
             {"alias": "z", "default": [[{"target": "x", "weight": 1}, {"target": "a", "weight": 1}]]},
             {"alias": "w", "default": "w"}]
            """)
        #expect(problems.map(\.field) == ["routes[2].default", "routes[3].default"])
        #expect(problems.first?.problem.contains("x → y → z → x") ?? false)
    }

    @Test func anAliasMayStandBeforeATargetOfItsName() throws {
        let table = try RoutingFixtures.table(
            #"[{"alias": "a", "default": ["b", "a"]}, {"alias": "x", "default": ["a", "c"]}]"#)
        #expect(table.targets("a") == ["b", "a"])
        #expect(table.targets("x") == ["b", "a", "c"])
        let problems = try RoutingFixtures.problems(
            #"[{"alias": "a", "default": "b"}, {"alias": "b", "default": "a"}]"#)
        #expect(problems.count == 1)
    }

    @Test func aRuleBelowOneWithoutConditionsIsRefused() throws {
        let problems = try RoutingFixtures.problems(
            """
            [{"alias": "x", "default": "a", "rules": [
              {"name": "all", "when": {}, "use": "a"}, {"name": "never", "when": {"tags": "t"}, "use": "b"}]}]
            """)
        #expect(problems.map(\.field) == ["routes[0].rules[1]"])
    }

    @Test func aHedgeAfterTheTimeoutIsRefused() throws {
        let use = #"{"targets": "a", "hedge_after": "30s", "timeout": "30s"}"#
        let problems = try RoutingFixtures.problems(#"[{"alias": "x", "default": \#(use)}]"#)
        #expect(problems.map(\.field) == ["routes[0].default.hedge_after"])
    }

    @Test func numbersMayBeTexts() throws {
        let table = try RoutingFixtures.table(
            """
            [{"alias": "x", "default": [[{"target": "a", "weight": "3"}, {"target": "b", "weight": 1}]],
              "rules": [{"name": 1, "when": {"prompt_tokens": {"above": "10"}, "background": "true"}, "use": "c"}]}]
            """)
        let route = try #require(table.route("x"))
        #expect(route.rules.first?.condition.promptTokens == Bounds(above: 10))
        #expect(route.rules.first?.condition.isBackground == true)
        #expect(route.fallback.chain == [[WeightedTarget("a", weight: 3), WeightedTarget("b", weight: 1)]])
    }

    @Test(arguments: [
        ("250ms", Duration.milliseconds(250)), ("2s", .seconds(2)), ("5m", .seconds(300)), ("1h", .seconds(3600)),
        ("2", nil), ("1.5s", nil), ("-1s", nil), ("s", nil), ("9223372036854775807d", nil), ("", nil), ("1 s", nil),
    ])
    func durationsAreReadAndWritten(_ text: String, _ expected: Duration?) {
        #expect(DurationText.parse(text) == expected)
        if let expected { #expect(DurationText.text(expected) == text) }
    }
}
