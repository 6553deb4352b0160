import ArgumentParser
import Foundation
import HadalConfiguration
import HadalJSON
import HadalRouting
import HadalTerminal

struct Routes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check, list and explain routes: names that stand for one model or another (docs/routing.md).",
        discussion: """
            A running server is asked at its address, with the key in HADAL_API_KEY, or a configuration file is read.
            How routes' models are, a running server tells: GET /admin/v1/routes.

            Examples:
              hadal routes check /etc/hadal/hadal.yaml
              hadal routes list --url https://hadal.example.org
              hadal routes explain chat --tenant bank --prompt-tokens 20000
            """,
        subcommands: [Check.self, List.self, Explain.self])

    /// - Parameter json: checked with the configuration.
    static func table(_ json: JSON) throws -> RouteTable {
        do throws(RouteTableError) { return try RouteTable.load(json, targets: nil) } catch {
            throw CommandFailure("the routes cannot be used:\n\(error)")
        }
    }

    /// Where routes are read.
    struct Source: ParsableArguments {
        @Option(help: ArgumentHelp("Read this configuration file and ask no server.", valueName: "file"))
        var config: String?
        @OptionGroup var server: AdministrationServer

        func table() async throws -> RouteTable {
            guard let config else { return try Routes.table(try await server.answer(["routes"])["routes"] ?? []) }
            let environment = ProcessInfo.processInfo.environment
            let loaded = try usable { () throws(ConfigurationError) in
                try ConfigurationLoader.load(file: config, environment: environment)
            }
            return try Routes.table(loaded.settings.routes)
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell everything that is wrong with a configuration's routes.",
            discussion: """
                Exits with 1 where something is, so that it can stand before a reload. 'hadal config check' tells it as
                well, with all else.

                Example:
                  hadal routes check /etc/hadal/hadal.yaml
                """)

        @Argument(help: "The configuration file.") var file: String
        @Flag(help: "Write JSON.") var json = false

        func run() throws {
            do {
                let loaded = try ConfigurationLoader.load(file: file, environment: [:])
                let count = try Routes.table(loaded.settings.routes).routes.count
                guard !json else { return print(Self.report([], routes: count).text) }
                print("\(file): nothing is wrong; \(count) routes")
            } catch let error as ConfigurationError {
                let isAboutRoutes = { (problem: ConfigurationProblem) in problem.path.hasPrefix("routes") }
                let problems = error.problems.filter(isAboutRoutes)
                // Without the rest of the file nothing can be said of the routes.
                let told = problems.isEmpty ? error.problems : problems
                guard json else {
                    throw CommandFailure(
                        "the routes cannot be used:\n" + told.map(\.description).joined(separator: "\n"))
                }
                print(Self.report(told, routes: nil).text)
                throw ExitCode.failure
            }
        }

        private static func report(_ problems: [ConfigurationProblem], routes: Int?) -> JSON {
            .compact([
                ("ok", .bool(problems.isEmpty)),
                (
                    "problems",
                    .array(
                        problems.map { problem in
                            [
                                "source": .string(problem.source.description), "field": .string(problem.path),
                                "problem": .string(problem.problem), "advice": .string(problem.advice),
                            ]
                        })
                ), ("routes", routes.map { .int(Int64($0)) }),
            ])
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the routes: each rule, in the order in which they are looked at.",
            discussion: """
                Examples:
                  hadal routes list
                  hadal routes list --url https://hadal.example.org
                  hadal routes list --config /etc/hadal/hadal.yaml --json
                """)

        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var source: Source

        func run() async throws {
            let table = try await source.table()
            if json { return print(table.json.text) }
            let rows = table.routes.flatMap { route in
                (route.rules.map { ($0.name, $0.use) } + [("default", route.fallback)]).map { name, use in
                    [
                        route.alias, name, use.targetsText, use.hedgeAfter?.description ?? "",
                        use.timeout.map { "\($0)" } ?? "",
                    ]
                }
            }
            print(Table(header: ["ALIAS", "RULE", "TARGETS", "HEDGE AFTER", "TIMEOUT"], rows: rows).text)
        }
    }
}

extension RouteUse {
    /// `large, a 80 or b 20`.
    fileprivate var targetsText: String {
        chain.map { group in
            guard group.count > 1 else { return group.first?.target ?? "" }
            return group.map { "\($0.target) \($0.weight)" }.joined(separator: " or ")
        }.joined(separator: ", ")
    }
}
