import ArgumentParser
import Foundation
import HadalJSON

extension Releases {
    /// What is decided of a rollout.
    private static func decide(
        _ rollout: Int, _ decision: String, _ body: JSON, _ server: AdministrationServer, _ output: ActOutput,
        _ done: String
    ) async throws {
        let found = try await server.answer(["releases", "\(rollout)", decision], body)
        output.tell(found, "rollout \(rollout) of \(found.shown("alias")) \(done); it is \(found.shown("state"))")
    }

    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send all requests to a rollout's candidate now.",
            discussion: """
                The switch of a blue-green that waits for it, the winner of an A/B test, or a canary's last step at
                once.

                Example:
                  hadal releases promote 7 --why "a week without complaints"
                """)

        @Argument(help: "The rollout's number.") var rollout: Int
        @OptionGroup var reason: ReasonOption
        @OptionGroup var output: ActOutput
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            try await decide(rollout, "promote", ["why": .string(reason.why)], server, output, "is promoted")
        }
    }

    struct Abort: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send all requests back to a rollout's baseline.",
            discussion: """
                Example:
                  hadal releases abort 7 --why "answers in the wrong language"
                """)

        @Argument(help: "The rollout's number.") var rollout: Int
        @OptionGroup var reason: ReasonOption
        @OptionGroup var output: ActOutput
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            try await decide(rollout, "abort", ["why": .string(reason.why)], server, output, "is given up")
        }
    }

    struct Finish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End an A/B test or a shadow; the baseline serves on.",
            discussion: """
                Example:
                  hadal releases finish 7 --why "no difference after 4000 askers"
                """)

        @Argument(help: "The rollout's number.") var rollout: Int
        @OptionGroup var reason: ReasonOption
        @OptionGroup var output: ActOutput
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            try await decide(rollout, "finish", ["why": .string(reason.why)], server, output, "ends")
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approve a rollout that another person asked for.",
            discussion: """
                The digest says what is approved: look at it first (hadal releases show 7).

                Example:
                  hadal releases approve 7 --digest 3f5a0c…
                """)

        @Argument(help: "The rollout's number.") var rollout: Int
        @Option(help: "The rollout's digest, as 'hadal releases show' has it.") var digest: String
        @OptionGroup var output: ActOutput
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            try await decide(rollout, "approve", ["digest": .string(digest)], server, output, "is approved by you")
        }
    }

    struct Refuse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuse a rollout that waits for approval, or take one's own back.",
            discussion: """
                Example:
                  hadal releases refuse 7 --why "not before the audit"
                """)

        @Argument(help: "The rollout's number.") var rollout: Int
        @OptionGroup var reason: ReasonOption
        @OptionGroup var output: ActOutput
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            try await decide(rollout, "refuse", ["why": .string(reason.why)], server, output, "is refused")
        }
    }

    struct Rollback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go back to an earlier version, from whatever is under way, and wait until it serves.",
            discussion: """
                A version whose workers are still up serves at once. It is a critical act, which wants the second
                factor of the key's user.

                Examples:
                  hadal releases rollback chat --why "answers are cut off" --code 123456
                  hadal releases rollback chat --to 3 --code 123456
                """)

        @Argument(help: "The deployment's name.") var name: String
        @Option(help: ArgumentHelp("Which version. Default: the one before.", valueName: "version")) var to: Int?
        @Option(help: "A code of the second factor, where the server wants one.") var code: String?
        @OptionGroup var reason: ReasonOption
        @OptionGroup var output: ActOutput
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            let body = JSON.compact([("version", to.map { .int(Int64($0)) }), ("why", .string(reason.why))])
            let rollout = try await server.answer(["deployments", name, "rollback"], body, code: code)
            guard let id = rollout["id"]?.int else { throw CommandFailure("the server's answer is not understood") }
            output.tell(rollout, "going back to version \(rollout.shown("candidate")) of \(name) (rollout \(id))")
            try await ReleaseWatcher(server: server, rollout: id, json: output.json).watch { $0.isServing }
        }
    }
}
