import ArgumentParser
import Foundation
import HadalJSON
import HadalTerminal

struct Releases: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring versions of a model into use, watch them, and go back.",
        discussion: """
            A running server is asked at its address, with the key in HADAL_API_KEY. See docs/releases.md, and 'hadal
            deployments' for versions.

            Examples:
              hadal releases start chat 1 --kind blue-green
              hadal releases start chat 2 --kind canary --watch
              hadal releases list
              hadal releases show 7
              hadal releases promote 7 --why "a week without complaints"
              hadal releases rollback chat --why "answers are cut off" --code 123456
            """,
        subcommands: [
            List.self, Show.self, Start.self, Promote.self, Abort.self, Finish.self, Refuse.self, Approve.self,
            Rollback.self, Results.self, Watch.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List rollouts, newest first.",
            discussion: """
                Examples:
                  hadal releases list
                  hadal releases list --deployment chat --json
                """)

        @Option(help: "Only those of this deployment.") var deployment: String?
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            let alias = deployment?.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
            let list = try await server.all(["releases"], query: alias.map { ["alias=\($0)"] } ?? []) {
                $0["id"]?.int.map(String.init)
            }
            if json { return print(JSON.array(list).text) }
            let rows = list.map { rollout in
                [
                    rollout.shown("id"), rollout.shown("alias"), rollout.rolloutText, rollout.shown("state"),
                    rollout.shown("started"), rollout["by"]?.shown("name") ?? "-", rollout.shown("reason"),
                ]
            }
            let header = ["ROLLOUT", "NAME", "KIND", "STATE", "STARTED", "BY", "REASON"]
            print(Table(header: header, rows: rows, numbers: [0]).text)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a rollout: how far it is, what it measures, and what happened.",
            discussion: """
                Examples:
                  hadal releases show 7
                  hadal releases show 7 --json
                """)

        @Argument(help: "The rollout's number.") var rollout: Int
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            let found = try await server.answer(["releases", "\(rollout)"])
            if json { return print(found.text) }
            print(RolloutReport(found).text)
            let events = try await server.answer(["releases", "\(rollout)", "events"])["data"]?.array ?? []
            let rows = events.reversed().map { event in
                [
                    event.shown("time"), event.shown("action"), event["by"]?.shown("name") ?? "-",
                    event.shown("after"), event.shown("why"),
                ]
            }
            print("\n" + Table(header: ["TIME", "STEP", "BY", "BECAME", "WHY"], rows: rows).text)
        }
    }

    struct Results: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what an A/B test says: tests of each metric, and confusion matrices.",
            discussion: """
                Example:
                  hadal releases results 7
                """)

        @Argument(help: "The rollout's number.") var rollout: Int
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            let found = try await server.answer(["releases", "\(rollout)", "results"])
            if json { return print(found.text) }
            print(ExperimentReport(found).text)
        }
    }
}
