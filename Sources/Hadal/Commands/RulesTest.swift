import ArgumentParser
import Foundation
import HadalJSON
import HadalRules
import HadalText

extension RuleDirection: ExpressibleByArgument {}

extension Rules {
    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the cases that rules bring along, or try a text, and say what hits and why.",
            discussion: """
                Without --text the cases run, and it exits with 1 where one fails.

                Examples:
                  hadal rules test /etc/hadal/rules
                  hadal rules test rules.yaml --text "pay in cash" --tenant bank --score firewall=0.2
                  hadal rules test rules.yaml --text - --direction output < answer.txt
                """)

        @Argument(help: "The file or directory.") var file: String
        @Option(help: "A text to try instead of the cases; - reads it from standard input.") var text: String?
        @Option(help: "What the text is: input or output.") var direction = RuleDirection.input
        @Option(help: "Who asks: the tenant.") var tenant: String?
        @Option(help: "Who asks: the user.") var user: String?
        @Option(help: "Who asks: a role. May be given more than once.") var role: [String] = []
        @Option(help: "The model that is asked.") var model: String?
        @Option(help: "The endpoint, such as /v1/chat/completions.") var endpoint: String?
        @Option(help: "The client's address.") var address: String?
        @Option(help: "A header, NAME=VALUE. May be given more than once.") var header: [String] = []
        @Option(help: "Another step's score, NAME=NUMBER. May be given more than once.") var score: [String] = []
        @Option(help: "When it came, such as 2026-11-28T22:30:00+08:00. (default: now)") var time: String?
        @Flag(help: "Write JSON.") var json = false

        func run() throws {
            if let text {
                let set = try Rules.load(file)
                let texts = [NormalisedText(utf8: try text == "-" ? standardInput() : Array(text.utf8))]
                let input = RuleInput(direction, texts: texts, metadata: try metadata(), scores: try scores())
                let verdict = set.evaluate(input)
                return print(json ? verdict.json.text : RuleExplanation.text(of: verdict, input))
            }
            let set = try Rules.load(file)
            guard !set.tests.isEmpty else {
                throw CommandFailure("\(file) has no cases; write 'tests:', or give --text")
            }
            let results = set.tests.map { test in
                let verdict = set.evaluate(test.input)
                return (test: test, verdict: verdict, failures: test.failures(of: verdict))
            }
            if json {
                print(JSON.array(results.map { Self.json($0.test, $0.verdict, $0.failures) }).text)
            } else {
                for (test, verdict, failures) in results {
                    print("\(failures.isEmpty ? "ok" : "FAILED")  \(test.name)")
                    for failure in failures { print("    \(failure)") }
                    if !failures.isEmpty { print(RuleExplanation.text(of: verdict, test.input)) }
                }
                print("\(results.count) cases, \(results.count { !$0.failures.isEmpty }) failed")
            }
            if results.contains(where: { !$0.failures.isEmpty }) { throw ExitCode.failure }
        }

        private static func json(_ test: RuleTest, _ verdict: RuleVerdict, _ failures: [String]) -> JSON {
            [
                "name": .string(test.name), "file": .string(test.file), "line": .int(Int64(test.line)),
                "ok": .bool(failures.isEmpty), "failures": .array(failures.map { .string($0) }),
                "verdict": verdict.json,
            ]
        }

        private func standardInput() throws -> [UInt8] { Array(try FileHandle.standardInput.readToEnd() ?? Data()) }

        private func metadata() throws -> RuleMetadata {
            var metadata = RuleMetadata()
            metadata.tenant = tenant
            metadata.user = user
            metadata.roles = role
            metadata.model = model
            metadata.endpoint = endpoint
            metadata.address = address
            for text in header {
                let (name, value) = try pair(text, "--header")
                metadata.headers[name.lowercased()] = value
            }
            if let time {
                guard let date = try? Date(time, strategy: .iso8601) else {
                    throw ValidationError("--time '\(time)' is no time; write such as 2026-11-28T22:30:00+08:00")
                }
                metadata.time = date
            }
            return metadata
        }

        private func scores() throws -> [String: Double] {
            var scores: [String: Double] = [:]
            for text in score {
                let (name, value) = try pair(text, "--score")
                guard let number = Double(value) else { throw ValidationError("--score '\(text)': write NAME=NUMBER") }
                scores[name] = number
            }
            return scores
        }

        private func pair(_ text: String, _ option: String) throws -> (String, String) {
            guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
                throw ValidationError("\(option) '\(text)': write NAME=VALUE")
            }
            return (String(text[..<sign]), String(text[text.index(after: sign)...]))
        }
    }
}

/// A verdict for people, with the places in the text.
enum RuleExplanation {
    static func text(of verdict: RuleVerdict, _ input: RuleInput) -> String {
        var lines = ["action: \(verdict.decision.outcome.rawValue)" + (verdict.decision.rule.map { " by \($0)" } ?? "")]
        if verdict.dryRunDecision.outcome != verdict.decision.outcome {
            lines.append("without dry runs: \(verdict.dryRunDecision.outcome.rawValue)")
        }
        if verdict.decision.score != 0 { lines.append("score: \(verdict.decision.score)") }
        if !verdict.decision.tags.isEmpty { lines.append("tags: \(verdict.decision.tags.joined(separator: ", "))") }
        if let route = verdict.decision.route { lines.append("route: \(route)") }
        if let message = verdict.decision.message { lines.append("message: \(message)") }
        for hit in verdict.hits {
            lines.append("rule \(hit.rule): \(hit.action?.rawValue ?? "weight")\(hit.isDryRun ? ", dry run" : "")")
            for finding in hit.findings {
                let places = finding.places.prefix(5).map { excerpt($0, input) }.joined(separator: ", ")
                lines.append("  \(finding.condition): \(finding.detail)" + (places.isEmpty ? "" : " at \(places)"))
            }
        }
        for text in verdict.replacedTexts ?? [] { lines.append("text: \(text)") }
        return lines.map { "  \($0)" }.joined(separator: "\n")
    }

    /// Its bytes, and what stands there.
    private static func excerpt(_ place: RulePlace, _ input: RuleInput) -> String {
        let text = String(decoding: input.texts[place.part].original[place.range], as: UTF8.self)
        let part = input.texts.count > 1 ? "text \(place.part) " : ""
        return "\(part)\(place.range.lowerBound)-\(place.range.upperBound) \"\(text.prefix(60))\""
    }
}
