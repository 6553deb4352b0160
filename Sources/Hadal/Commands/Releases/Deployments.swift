import ArgumentParser
import Foundation
import HadalCheckpoint
import HadalEngine
import HadalJSON
import HadalTerminal

struct Deployments: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show and make deployments: names behind which versions of a model take each other's place.",
        discussion: """
            A running server is asked at its address, with the key in HADAL_API_KEY. See docs/releases.md, and 'hadal
            releases' for what brings a version into use.

            Examples:
              hadal deployments create chat
              hadal deployments add chat /models/r1-14b-v2 --option context=32768 --note "tuned on October's cases"
              hadal deployments list --url https://hadal.example.org
              hadal deployments show chat
            """,
        subcommands: [List.self, Show.self, Create.self, Configure.self, Add.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the deployments: which version serves, and what is under way.",
            discussion: """
                Examples:
                  hadal deployments list
                  hadal deployments list --url https://hadal.example.org --json
                """)

        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            let list = try await server.all(["deployments"]) { $0["alias"]?.string }
            if json { return print(JSON.array(list).text) }
            let rows = list.map { deployment in
                [
                    deployment.shown("alias"), deployment.shown("stable"), deployment["traffic"]?.trafficText ?? "-",
                    deployment["rollout"].map { "\($0.rolloutText) (\($0.shown("id")), \($0.shown("state")))" } ?? "-",
                ]
            }
            print(Table(header: ["NAME", "SERVES", "TRAFFIC", "UNDER WAY"], rows: rows, numbers: [1]).text)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a deployment and its versions.",
            discussion: """
                Examples:
                  hadal deployments show chat
                  hadal deployments show chat --json
                """)

        @Argument(help: "The deployment's name.") var name: String
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            let deployment = try await server.answer(["deployments", name])
            if json { return print(deployment.text) }
            print("\(deployment.shown("alias")) serves version \(deployment.shown("stable"))")
            print("traffic: \(deployment["traffic"]?.trafficText ?? "-")")
            if let rollout = deployment["rollout"] {
                print("under way: rollout \(rollout.shown("id")), \(rollout.rolloutText), \(rollout.shown("state"))")
            }
            let rows = (deployment["versions"]?.array ?? []).map { version in
                [
                    version.shown("number"), version.shown("model"), String(version.shown("digest").prefix(12)),
                    version["isUp"] == true ? "up" : version["pruned"] == nil ? "kept" : "not kept",
                    version.shown("served"), version["by"]?.shown("name") ?? "-", version.shown("note"),
                ]
            }
            let header = ["VERSION", "MODEL", "DIGEST", "STATE", "SERVED", "BY", "NOTE"]
            print(Table(header: header, rows: rows, numbers: [0]).text)
        }
    }

    /// Settings of a deployment, as a file of JSON.
    struct SettingsOption: ParsableArguments {
        @Option(
            help: ArgumentHelp(
                "A file of JSON: approvals, guardrails, keptVersions, standbySeconds (docs/releases.md).",
                valueName: "file"))
        var settings: String?

        func read() throws -> JSON? {
            guard let settings else { return nil }
            do { return try JSON(parsing: try Data(contentsOf: URL(fileURLWithPath: settings))) } catch {
                throw CommandFailure("\(settings) cannot be used: \(error)")
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a deployment. It is served when a first version is released (blue-green).",
            discussion: """
                Examples:
                  hadal deployments create chat
                  hadal deployments create chat --settings chat-settings.json
                """)

        @Argument(help: "The name that clients ask for.") var name: String
        @OptionGroup var settings: SettingsOption
        @OptionGroup var output: ActOutput
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            let body = JSON.compact([("alias", .string(name)), ("settings", try settings.read())])
            let made = try await server.answer(["deployments"], body)
            output.tell(made, "made \(made.shown("alias")); add a version next (hadal deployments add)")
        }
    }

    struct Configure: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a deployment's approvals, guardrails and what is kept of it.",
            discussion: """
                Settings that the file does not have are as they are by themselves. Approvals cannot be made weaker.

                Example:
                  hadal deployments configure chat --settings chat-settings.json
                """)

        @Argument(help: "The deployment's name.") var name: String
        @OptionGroup var settings: SettingsOption
        @OptionGroup var output: ActOutput
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            guard let body = try settings.read() else { throw ValidationError("give --settings FILE") }
            let configured = try await server.answer(["deployments", name, "settings"], body)
            output.tell(configured, "\(name) is configured")
        }
    }
}
