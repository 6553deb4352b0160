import ArgumentParser
import HadalJSON

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what this machine offers and what is wrong with it.",
        discussion: """
            Measures memory bandwidth and arithmetic peaks for a few seconds.

            Examples:
              hadal doctor
              hadal doctor --json
            """)

    @Flag(help: "Write JSON.") var json = false

    func run() throws {
        let report = try MachineReport.examine()
        print(json ? report.json.text : report.text)
    }
}
