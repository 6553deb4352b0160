import ArgumentParser
import Foundation
import HadalJSON
import HadalTerminal

extension Releases {
    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how far a rollout is, line by line, until it is over.",
            discussion: """
                Each line tells the step, what its guardrails say, and the requests that each version had in it; while
                the new version's worker starts, how much is loaded. With --json a line is the rollout. Exits with 1
                where it ended otherwise than promoted or finished.

                Examples:
                  hadal releases watch 7
                  hadal releases watch 7 --json
                """)

        @Argument(help: "The rollout's number.") var rollout: Int
        @Flag(help: "Write JSON, a line for each change.") var json = false
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            try await ReleaseWatcher(server: server, rollout: rollout, json: json).watch { $0.isOver }
        }
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
    /// Figures alone, which change with each request, are told at most so often.
    private static let figuresInterval: Duration = .seconds(5)

    let server: AdministrationServer
    let rollout: Int
    let json: Bool

    /// - Throws: `CommandFailure` where it did not come to a good end.
    func watch(until isEnough: (State) -> Bool) async throws {
        var told: RolloutReport?
        var time = ContinuousClock.now
        while true {
            let state = State(json: try await server.answer(["releases", "\(rollout)"]))
            let report = RolloutReport(state.json)
            let hasNewFigures = report.figures != told?.figures && .now - time >= Self.figuresInterval
            if report.stage != told?.stage || report.guardrails != told?.guardrails || hasNewFigures {
                show(report, state)
                (told, time) = (report, .now)
            }
            if state.hasFailed {
                throw CommandFailure("rollout \(rollout) is \(state.text): \(state.json.shown("reason"))")
            }
            if isEnough(state) { return }
            try await Task.sleep(for: Self.interval)
        }
    }

    private func show(_ report: RolloutReport, _ state: State) {
        let clock = Date().formatted(.iso8601.time(includingFractionalSeconds: false))
        print(json ? state.json.text : "\(clock)  \(report.line)")
        fflush(nil)
    }
}
