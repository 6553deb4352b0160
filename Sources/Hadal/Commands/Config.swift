import ArgumentParser
import Foundation
import HadalAlerts
import HadalConfiguration
import HadalJSON
import HadalRules
import HadalTerminal

struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check and show the configuration.",
        discussion: """
            The configuration is a YAML file, named by --config or HADAL_CONFIG, and environment variables (HADAL_…).

            Examples:
              hadal config check /etc/hadal/hadal.yaml
              hadal config show
              hadal config show --all --json
            """,
        subcommands: [Check.self, Show.self, Reference.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell everything that is wrong with the configuration.",
            discussion: """
                Exits with 1 where something is, so that it can stand before a reload or a restart.

                Examples:
                  hadal config check /etc/hadal/hadal.yaml
                  hadal config check && systemctl reload hadal
                """)

        @Argument(help: "The file. Default: what HADAL_CONFIG names.") var file: String?
        @Flag(help: "Write JSON.") var json = false

        func run() throws {
            let environment = ProcessInfo.processInfo.environment
            do {
                let loaded = try ConfigurationLoader.load(file: file, environment: environment)
                let given = loaded.shown.count { $0.source != .builtIn }
                let problems = rulesProblems(loaded)
                let alertsProblem = alertsProblem(loaded)
                var wrong = alertsProblem.map { ["the alerts cannot be used: \($0)"] } ?? []
                if !problems.isEmpty {
                    wrong.append("the rules cannot be used:\n" + problems.map(\.description).joined(separator: "\n"))
                }
                if json {
                    var all = problems.map(\.json)
                    if let alertsProblem {
                        all.append([
                            "source": .string(loaded.file ?? "the environment"), "path": "alerts",
                            "problem": .string(alertsProblem), "advice": "see docs/alerts.md",
                        ])
                    }
                    print(report(problems: all, warnings: loaded.warnings, given: given).text)
                } else if wrong.isEmpty {
                    for warning in loaded.warnings { print("warning: \(warning)") }
                    print("\(loaded.file ?? "the environment"): nothing is wrong; \(given) settings are given")
                } else {
                    throw CommandFailure(wrong.joined(separator: "\n"))
                }
                if !wrong.isEmpty { throw ExitCode.failure }
            } catch let error as ConfigurationError {
                guard json else { throw CommandFailure("the configuration cannot be used:\n\(error)") }
                print(report(problems: error.problems.map(\.json), warnings: [], given: nil).text)
                throw ExitCode.failure
            }
        }

        /// What is wrong with the rules that the configuration names.
        private func rulesProblems(_ loaded: Loaded) -> [RuleProblem] {
            guard let path = loaded.settings.rules else { return [] }
            do throws(RuleSetError) { _ = try RuleSet.load(path) } catch { return error.problems }
            return []
        }

        /// What is wrong with the alerts' rules, their actions and queries.
        private func alertsProblem(_ loaded: Loaded) -> String? {
            guard loaded.settings.alerts.enabled else { return nil }
            do throws(AlertError) { _ = try loaded.settings.alerts.allRules() } catch { return "\(error)" }
            return nil
        }

        private func report(problems: [JSON], warnings: [String], given: Int?) -> JSON {
            var report: [(String, JSON)] = [
                ("ok", .bool(problems.isEmpty)), ("problems", .array(problems)),
                ("warnings", .array(warnings.map { .string($0) })),
            ]
            if let given { report.append(("given", .int(Int64(given)))) }
            return .object(.init(report))
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the settings that count, and where each was said.",
            discussion: """
                Secrets are not shown: settings name only the places where they are.

                Examples:
                  hadal config show
                  hadal config show --config /etc/hadal/hadal.yaml --all
                """)

        @Option(help: "The file. Default: what HADAL_CONFIG names.") var config: String?
        @Flag(help: "Show those too that nothing says.") var all = false
        @Flag(help: "Write JSON.") var json = false

        func run() throws {
            let loaded = try usable { () throws(ConfigurationError) in
                try ConfigurationLoader.load(file: config, environment: ProcessInfo.processInfo.environment)
            }
            let settings = loaded.shown.filter { all || $0.source != .builtIn }
            if json {
                print(JSON.array(settings.map(\.json)).text)
            } else if settings.isEmpty {
                print("nothing is configured; 'hadal config show --all' shows the defaults")
            } else {
                let rows = settings.map { [$0.path, $0.text, $0.source.description] }
                print(Table(header: ["SETTING", "VALUE", "SOURCE"], rows: rows).text)
            }
        }
    }

    struct Reference: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the reference of all settings, docs/configuration.md.",
            discussion: """
                Example:
                  hadal config reference > docs/configuration.md
                """)

        func run() { print(ConfigurationReference.markdown, terminator: "") }
    }
}

extension ConfigurationProblem {
    fileprivate var json: JSON {
        .object(
            .init([
                ("source", .string(source.description)), ("path", .string(path)), ("problem", .string(problem)),
                ("advice", .string(advice)),
            ]))
    }
}

extension Loaded.Shown {
    fileprivate var json: JSON {
        .object(.init([("path", .string(path)), ("value", value), ("source", .string(source.description))]))
    }
}
