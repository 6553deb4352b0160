import ArgumentParser
import Foundation
import HadalJSON
import HadalTerminal

extension Releases {
    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how far a rollout is, line by line, until it is over.",
            discussion: """
                Exits with 1 where it ended otherwise than promoted or finished.

                Example:
                  hadal releases watch 7
                """)

        @Argument(help: "The rollout's number.") var rollout: Int
        @OptionGroup var server: AdministrationServer

        func run() async throws { try await ReleaseWatcher(server: server, rollout: rollout).watch { $0.isOver } }
    }
}

/// Tells what changes of a rollout, as it changes.
struct ReleaseWatcher {
    /// What a rollout shows at one time.
    struct State {
        let json: JSON

        var text: String { json.shown("state") }
        var isOver: Bool { ["promoted", "aborted", "ended", "refused"].contains(text) }
        var hasFailed: Bool { ["aborted", "refused"].contains(text) }
        /// Whether its requests go where they are to go, be it that something is yet to be tidied up.
        var isServing: Bool {
            let waits = (json["pending"]?.array ?? []).compactMap(\.string)
            return isOver || text == "promoting" && !waits.contains { !$0.hasPrefix("drain") && !$0.hasPrefix("stop") }
        }
    }

    private static let interval: Duration = .milliseconds(500)

    let server: AdministrationServer
    let rollout: Int

    /// - Throws: `CommandFailure` where it did not come to a good end.
    func watch(until isEnough: (State) -> Bool) async throws {
        var told = ""
        while true {
            let state = State(json: try await server.answer(["releases", "\(rollout)"]))
            let line = RolloutReport(state.json).line
            if line != told { print("\(Date().formatted(.iso8601.time(includingFractionalSeconds: false)))  \(line)") }
            fflush(nil)
            told = line
            if state.hasFailed {
                throw CommandFailure("rollout \(rollout) is \(state.text): \(state.json.shown("reason"))")
            }
            if isEnough(state) { return }
            try await Task.sleep(for: Self.interval)
        }
    }
}
