import ArgumentParser
import Foundation
import HadalAlerts
import HadalConfiguration
import HadalJSON
import HadalTerminal

struct Alerts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what is wrong with a server, keep it quiet for a while, and try its channels.",
        discussion: """
            A running server is asked at its address, with the key in HADAL_API_KEY.

            Examples:
              hadal alerts list
              hadal alerts silence --rule HadalQueueWait --for 2h --why "load test"
              hadal alerts test ops
              hadal alerts rules > hadal-rules.yml
            """,
        subcommands: [List.self, Silence.self, Unsilence.self, Test.self, Rules.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what fires, what was done about it, silences and channels.")

        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            let found = try await server.answer(["alerts"])
            if json { return print(found.text) }
            if let problem = found["problem"]?.string { Notes.write("alerts cannot be computed: \(problem)") }
            let alerts = found["alerts"]?.array ?? []
            print(alerts.isEmpty ? "nothing is wrong" : Self.table(alerts))
            for measure in found["measures"]?.array ?? [] { print("in force: \(Self.act(measure))") }
            // The newest first.
            for event in (found["recent"]?.array ?? []).filter({ $0["outcome"] != nil }).prefix(10) {
                let outcome = event["outcome"]
                print(
                    "\(event["time"]?.string ?? ""): \(Self.act(event)) \(outcome?["result"]?.string ?? ""): "
                        + ControlFilter.cleanLine(outcome?["text"]?.string ?? ""))
            }
            for silence in found["silences"]?.array ?? [] {
                let what = silence["rule"]?.string ?? "everything"
                print(
                    "silence \(silence["id"]?.string ?? ""): \(what) until \(silence["until"]?.string ?? ""), "
                        + ControlFilter.cleanLine("\(silence["who"]?.string ?? ""): \(silence["why"]?.string ?? "")"))
            }
            for channel in found["channels"]?.array ?? [] where channel["failing"]?.bool == true {
                print(
                    "channel \(channel["name"]?.string ?? "") fails: "
                        + ControlFilter.cleanLine(channel["last_error"]?.string ?? ""))
            }
        }

        /// `restart for HadalWorkerMemory (model=r1)`
        private static func act(_ event: JSON) -> String {
            let labels = labels(event)
            return "\(event["action"]?.string ?? "") for \(event["rule"]?.string ?? "")"
                + (labels.isEmpty ? "" : " (\(labels))")
        }

        private static func labels(_ of: JSON) -> String {
            let labels = (of["labels"]?.object?.members ?? []).map { "\($0.key)=\($0.value.string ?? "")" }
            return ControlFilter.cleanLine(labels.joined(separator: " "))
        }

        private static func table(_ alerts: [JSON]) -> String {
            let rows = alerts.map { alert -> [String] in
                let level = alert["level"]?.string ?? alert["pending"]?.string.map { "\($0), pending" } ?? "-"
                return [
                    level + (alert["silence"] == nil ? "" : ", silenced"), alert["rule"]?.string ?? "",
                    labels(alert),
                    alert["value"]?.double.map { String(format: "%g", $0) } ?? "-", alert["since"]?.string ?? "-",
                ]
            }
            return Table(header: ["LEVEL", "RULE", "OF", "VALUE", "SINCE"], rows: rows, numbers: [3]).text
        }
    }

    struct Silence: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Keep alerts quiet for a while.")

        @Option(help: "A rule. Default: all.") var rule: String?
        @Option(help: "NAME=VALUE that an alert must have; may be given more than once.") var label: [String] = []
        @Option(name: .customLong("for"), help: "How long: 90s, 30m, 2h, 7d.") var duration: String
        @Option(help: "Why, for those who wonder.") var why: String
        @OptionGroup var output: ActOutput
        @OptionGroup var server: AdministrationServer

        func validate() throws { _ = try (seconds(), labels()) }

        func run() async throws {
            let body = JSON.compact([
                ("rule", rule.map(JSON.string)), ("labels", .object(JSON.Object(try labels()))),
                ("seconds", .double(try seconds())), ("why", .string(why)),
            ])
            let silence = try await server.answer(["alerts", "silences"], body)
            output.tell(
                silence, "silence \(silence["id"]?.string ?? "") until \(silence["until"]?.string ?? "")")
        }

        private func labels() throws -> [(String, JSON)] {
            try label.map { text in
                let parts = text.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else { throw ValidationError("--label is NAME=VALUE, such as model=r1") }
                return (String(parts[0]), .string(String(parts[1])))
            }
        }

        private func seconds() throws -> Double {
            guard duration.first != "+", let span = Span(argument: duration), span.seconds > 0 else {
                throw ValidationError("--for is a time such as 90s, 30m, 2h or 7d")
            }
            return span.seconds
        }
    }

    struct Unsilence: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a silence.")

        @Argument(help: "Its id (hadal alerts list).") var id: String
        @OptionGroup var output: ActOutput
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            let answer = try await server.answer(["alerts", "silences", id, "end"], .object(JSON.Object()))
            output.tell(answer, "the silence is over")
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Send a message to a channel, and wait for it.")

        @Argument(help: "The channel's name.") var channel: String
        @OptionGroup var output: ActOutput
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            let answer = try await server.answer(["alerts", "channels", channel, "test"], .object(JSON.Object()))
            output.tell(answer, "\(channel) has taken it")
        }
    }

    struct Rules: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the rules as Prometheus reads them.",
            discussion: """
                With the limits and changes of the configuration (alerts). Prometheus then tells of the same things.

                Example:
                  hadal alerts rules --config /etc/hadal/hadal.yaml > /etc/prometheus/hadal-rules.yml
                """)

        @Option(help: "The name of the scrape job.") var job = "hadal"
        @OptionGroup var data: DataOption

        func run() async throws {
            print(PrometheusRules.yaml(try data.settings().alerts.allRules(), job: job), terminator: "")
        }
    }
}
