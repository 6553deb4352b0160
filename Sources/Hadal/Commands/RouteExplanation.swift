import ArgumentParser
import Foundation
import HadalAccess
import HadalJSON
import HadalRouting

extension Routes {
    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell where a request would go, and why. Nobody is asked.",
            discussion: """
                Models are told in the order in which they would be tried. What is not said of the request is what an
                unremarkable one has.

                Examples:
                  hadal routes explain chat --tenant bank --prompt-tokens 20000
                  hadal routes explain chat --requires tools --time 2026-11-29T23:00:00Z --json
                  hadal routes explain chat --config /etc/hadal/hadal.yaml
                """)

        @Argument(help: "The alias that is asked for.") var alias: String
        @Option(help: "Whose request it is.") var tenant = Principal.defaultTenant
        @Option(help: "The user's name. Default: no person.") var user: String?
        @Option(name: .customLong("role"), help: "A role of the user; may be given several times.")
        var roles: [String] = []
        @Option(help: "How long the prompt is.") var promptTokens = 0
        @Option(help: "How long the answer may be. Default: the request does not say.") var outputTokens: Int?
        @Option(help: "What it costs, in the organisation's currency.") var cost: Double?
        @Option(
            help: "Something the model must be able to do (tools, logprobs, …); may be given several times.")
        var requires: [RouteFeature] = []
        @Option(name: .customLong("tag"), help: "A tag that rules set; may be given several times.")
        var tags: [String] = []
        @Flag(help: "A line of a batch.") var background = false
        @Option(help: "When, as 2026-11-29T23:00:00Z. Default: now.", transform: Explain.moment) var time: Date?
        @Option(help: "What weighted choices go by where nothing sticks.") var id = "explain"
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var source: Source

        @Sendable private static func moment(_ text: String) throws -> Date {
            guard let date = try? Date(text, strategy: .iso8601) else {
                throw ValidationError("'\(text)' is no time; write such as 2026-11-29T23:00:00Z")
            }
            return date
        }

        func run() async throws {
            let request = RouteRequest(
                id: id, tenant: tenant, user: user, roles: Set(roles), promptTokens: promptTokens,
                outputTokens: outputTokens, cost: cost.map { Decimal($0) }, features: Set(requires),
                isBackground: background, tags: Set(tags))
            let table = try await source.table()
            guard let decision = table.decide(alias, for: request, at: time ?? Date()) else {
                let known = table.routes.map(\.alias).joined(separator: ", ")
                throw CommandFailure(
                    "there is no route '\(alias)'; " + (known.isEmpty ? "none is configured" : "there is \(known)"))
            }
            if json { return print(decision.json.text) }
            for (index, step) in decision.plan.enumerated() {
                let hedge = step.hedgeAfter.map { ", a second one is asked after \($0)" } ?? ""
                print("\(index + 1). \(step.target)\(hedge)")
            }
            for reason in decision.reasons {
                print("\n\(reason.alias): \(reason.rule.map { "rule '\($0)'" } ?? "the default, as no rule holds")")
                for check in reason.checks { print("  \(check.field): \(check.detail)") }
                for passed in reason.passed {
                    print("  not '\(passed.rule)': \(passed.check.field): \(passed.check.detail)")
                }
            }
        }
    }
}

extension RouteFeature: ExpressibleByArgument {}
