import ArgumentParser
import Foundation
import HadalJSON

extension Releases {
    struct Start: AsyncParsableCommand {
        enum Kind: String, CaseIterable, ExpressibleByArgument {
            case canary
            case ab
            case blueGreen = "blue-green"
            case shadow
        }

        static let configuration = CommandConfiguration(
            abstract: "Begin to bring a version into use.",
            discussion: """
                blue-green starts the new version beside the old one and switches when it is ready. canary gives it 5, 25,
                50 and 100 % of the requests, and takes it back where guardrails are broken. ab keeps a part of the users
                with it until somebody decides. shadow has it answer a part of the requests for nobody, and compares. A
                plan with other steps or guardrails is a file of JSON (docs/releases.md).

                Examples:
                  hadal releases start chat 2 --kind canary --watch
                  hadal releases start chat 2 --kind blue-green --no-switch
                  hadal releases start chat 2 --kind ab --share 50 --stickiness tenant
                  hadal releases start chat 2 --kind shadow --share 10
                  hadal releases start chat 2 --kind canary --plan plan.json --note "tuned on October's cases"
                """)

        @Argument(help: "The deployment's name.") var name: String
        @Argument(help: "The version that is to be used.") var version: Int
        @Option(help: "How.") var kind: Kind
        @Option(help: ArgumentHelp("Its part of the requests, of ab and shadow.", valueName: "percent"))
        var share: Double?
        @Option(help: ArgumentHelp("What is kept with one version, of canary and ab: user or tenant.", valueName: "by"))
        var stickiness: String?
        @Flag(help: "Of blue-green: start both, and switch when somebody promotes.") var noSwitch = false
        @Option(help: ArgumentHelp("A file of JSON with the plan.", valueName: "file")) var plan: String?
        @Option(help: "Why, for the record.") var note = ""
        @Flag(help: "Show how far it is, until it is over.") var watch = false
        @OptionGroup var output: ActOutput
        @OptionGroup var server: AdministrationServer

        func validate() throws {
            guard share == nil || kind == .ab || kind == .shadow else {
                throw ValidationError("--share is for ab and shadow; a canary's shares are in its plan")
            }
            guard stickiness == nil || kind == .ab || kind == .canary else {
                throw ValidationError("--stickiness is for canary and ab")
            }
            guard !noSwitch || kind == .blueGreen else { throw ValidationError("--no-switch is for blue-green") }
        }

        func run() async throws {
            var members = try given()
            if let share { members["share"] = .double(share) }
            if let stickiness { members["stickiness"] = .string(stickiness) }
            if noSwitch { members["switchesByItself"] = false }
            let body: JSON = [
                "alias": .string(name), "kind": .string(kind.rawValue), "candidate": .int(Int64(version)),
                "plan": .object(members), "note": .string(note),
            ]
            let rollout = try await server.answer(["releases"], body)
            guard let id = rollout["id"]?.int else { throw CommandFailure("the server's answer is not understood") }
            output.tell(rollout, "rollout \(id) of \(name): \(rollout.rolloutText), \(rollout.shown("state"))")
            if rollout["state"] == "waiting", !output.json {
                print("it waits for approval: hadal releases approve \(id) --digest \(rollout.shown("digest"))")
            }
            if watch {
                try await ReleaseWatcher(server: server, rollout: id, json: output.json).watch { $0.isOver }
            }
        }

        private func given() throws -> JSON.Object {
            guard let plan else { return JSON.Object() }
            let json: JSON
            do { json = try JSON(parsing: try Data(contentsOf: URL(fileURLWithPath: plan))) } catch {
                throw CommandFailure("\(plan) cannot be used: \(error)")
            }
            guard let object = json.object else { throw CommandFailure("\(plan) is no JSON object") }
            return object
        }
    }
}
