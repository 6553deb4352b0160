import Foundation
import HadalJSON

@testable import HadalRouting

enum RoutingFixtures {
    /// When tests begin.
    static let start = ContinuousClock.now
    static let targets: Set = ["small", "large", "a", "b", "c"]

    static func time(_ seconds: Double) -> ContinuousClock.Instant { start.advanced(by: .seconds(seconds)) }

    static func table(_ text: String, targets: Set<String> = targets) throws -> RouteTable {
        try RouteTable.load(JSON(parsing: text), targets: targets)
    }

    /// A route `chat` with one rule `r` to `large`, else `small`.
    static func table(when condition: String) throws -> RouteTable {
        try table(
            """
            [{"alias": "chat", "zone": "Europe/Berlin", "default": "small",
              "rules": [{"name": "r", "when": \(condition), "use": "large"}]}]
            """)
    }

    /// What is wrong with routes.
    static func problems(_ text: String, targets: Set<String> = targets) throws -> [RouteProblem] {
        let json = try JSON(parsing: text)
        do throws(RouteTableError) {
            _ = try RouteTable.load(json, targets: targets)
            return []
        } catch { return error.problems }
    }

    static func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }
}

extension RouteTable {
    /// Names of the plan's targets.
    func targets(
        _ alias: String = "chat", _ request: RouteRequest = RouteRequest(id: "1", tenant: "t"),
        at time: Date = Date(timeIntervalSince1970: 0)
    ) -> [String] {
        decide(alias, for: request, at: time)?.plan.map(\.target) ?? []
    }
}

extension Balancer {
    func tokens(of member: String) -> Int { loads.first { $0.member.id == member }?.tokens ?? -1 }
}

extension Dispatch.Next {
    var attempt: Attempt? {
        if case .attempt(let attempt) = self { attempt } else { nil }
    }

    var exhaustion: Exhaustion? {
        if case .exhausted(let exhaustion) = self { exhaustion } else { nil }
    }
}
