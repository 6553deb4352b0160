import Foundation
import HadalJSON
import Testing

@testable import HadalRouting

@Suite struct DecisionTests {
    private func split(_ sticky: String, _ weights: (Int, Int)) throws -> RouteTable {
        try RoutingFixtures.table(
            """
            [{"alias": "chat", "default": {"sticky": "\(sticky)", "targets": [
              [{"target": "a", "weight": \(weights.0)}, {"target": "b", "weight": \(weights.1)}], "c"]}}]
            """)
    }

    @Test func theFirstRuleThatHoldsDecidesAndSaysWhy() throws {
        let table = try RoutingFixtures.table(
            """
            [{"alias": "chat", "default": "small", "rules": [
              {"name": "gaps", "when": {"requires": "infill"}, "use": "b"},
              {"name": "long", "when": {"tenants": "acme", "prompt_tokens": {"above": 8000}},
               "use": {"targets": ["large", "small"], "hedge_after": "p95", "timeout": "30s"}},
              {"name": "later", "when": {"tenants": "*"}, "use": "a"}]}]
            """)
        let request = RouteRequest(id: "1", tenant: "acme", promptTokens: 12_000)
        let decision = try #require(table.decide("chat", for: request, at: Date()))
        let step = PlanStep("large", hedgeAfter: .percentile(95), timeout: .seconds(30))
        #expect(decision.plan == [step, PlanStep("small", hedgeAfter: .percentile(95), timeout: .seconds(30))])
        let json = decision.json
        let reason = try #require(json["reasons"]?[0])
        #expect(reason["rule"] == "long")
        #expect(reason["because"] == ["tenants: acme is acme", "prompt_tokens: 12000 is above 8000"])
        #expect(reason["passed"]?[0]?["rule"] == "gaps")
        #expect(reason["passed"]?[0]?["because"] == "requires: the request does not need infill")
        #expect(reason["passed"]?.array?.count == 1)
        #expect(json["plan"]?[0] == ["target": "large", "hedge_after": "p95", "timeout": "30s"])
        let other = try #require(
            table.decide("chat", for: RouteRequest(id: "1", tenant: "acme", promptTokens: 1), at: Date()))
        #expect(other.reasons.map(\.rule) == ["later"])
        #expect(other.reasons.first?.passed.map(\.check.field) == ["requires", "prompt_tokens"])
    }

    @Test func anAliasThatIsNotConfiguredHasNoRoute() throws {
        #expect(RouteTable.empty.decide("chat", for: RouteRequest(id: "1", tenant: "t"), at: Date()) == nil)
    }

    @Test func allThatAnAliasMayLeadToIsKnown() throws {
        let table = try RoutingFixtures.table(
            """
            [{"alias": "small", "default": ["small", "x"],
              "rules": [{"name": "r", "when": {"tenants": "acme"}, "use": "large"}]},
             {"alias": "x", "default": [[{"target": "a", "weight": 1}, {"target": "b", "weight": 0}], "c"]}]
            """)
        #expect(table.targets(of: "small") == ["small", "large", "a", "c"])
        #expect(table.targets(of: "x") == ["a", "c"])
        #expect(table.targets(of: "nothing").isEmpty)
    }

    @Test func requestsAreSharedByWeight() throws {
        let table = try split("request", (80, 20))
        let first = (0..<10_000).map { table.targets("chat", RouteRequest(id: "\($0)", tenant: "t"))[0] }
        let share = Double(first.count { $0 == "a" }) / 10_000
        // Five standard deviations.
        #expect(abs(share - 0.8) < 0.02, "\(share)")
    }

    @Test func theOthersOfAGroupAndThenTheChainFollow() throws {
        let table = try split("request", (80, 20))
        for id in 0..<100 {
            let targets = table.targets("chat", RouteRequest(id: "\(id)", tenant: "t"))
            #expect(Set(targets.prefix(2)) == ["a", "b"] && targets.count == 3 && targets[2] == "c")
        }
        let drained = try split("request", (1, 0))
        #expect(drained.targets() == ["a", "c"])
    }

    @Test func aUserKeepsItsTargetAndAChangeOfWeightsMovesOnlyThoseItMust() throws {
        let (before, after) = (try split("user", (80, 20)), try split("user", (70, 30)))
        var moved = 0
        for user in 0..<5000 {
            func first(_ table: RouteTable, _ id: String) -> String {
                table.targets("chat", RouteRequest(id: id, tenant: "t", user: "u\(user)"))[0]
            }
            let target = first(before, "x")
            #expect(first(before, "y") == target)
            if first(after, "x") != target {
                #expect(target == "a")
                moved += 1
            }
        }
        #expect(abs(Double(moved) / 5000 - 0.1) < 0.025, "\(moved)")
    }

    @Test func allUsersOfATenantStickTogether() throws {
        let table = try split("tenant", (50, 50))
        var targets: Set<String> = []
        for tenant in 0..<50 {
            let firsts = Set(
                (0..<10).map {
                    table.targets("chat", RouteRequest(id: "\($0)", tenant: "\(tenant)", user: "u\($0)"))[0]
                })
            #expect(firsts.count == 1)
            targets.formUnion(firsts)
        }
        #expect(targets == ["a", "b"])
    }

    @Test func aliasesLeadToOtherRoutesAndEachTargetIsTriedOnce() throws {
        let table = try RoutingFixtures.table(
            """
            [{"alias": "chat", "default": {"targets": ["a", "night", "b", "c"], "timeout": "9s"}},
             {"alias": "night", "default": {"targets": ["b", "a"], "hedge_after": "1s"},
              "rules": [{"name": "big", "when": {"prompt_tokens": {"above": 10}}, "use": "large"}]}]
            """)
        let decision = try #require(table.decide("chat", for: RouteRequest(id: "1", tenant: "t"), at: Date()))
        #expect(
            decision.plan == [
                PlanStep("a", timeout: .seconds(9)),
                PlanStep("b", hedgeAfter: .fixed(.seconds(1)), timeout: .seconds(9)),
                PlanStep("c", timeout: .seconds(9)),
            ])
        #expect(decision.reasons.map(\.alias) == ["chat", "night"])
        let long = RouteRequest(id: "1", tenant: "t", promptTokens: 11)
        #expect(table.targets("chat", long) == ["a", "large", "b", "c"])
    }

    @Test func manyRoutesThatNameTheSameOnesTwiceTakeNoTime() throws {
        let routes = (0..<200).map { #"{"alias": "r\#($0)", "default": ["r\#($0 + 1)", "r\#($0 + 2)"]}"# }
        let last = [#"{"alias": "r200", "default": "a"}"#, #"{"alias": "r201", "default": "b"}"#]
        let text = (routes + last).joined(separator: ",")
        #expect(try RoutingFixtures.table("[\(text)]").targets("r0") == ["a", "b"])
    }
}
