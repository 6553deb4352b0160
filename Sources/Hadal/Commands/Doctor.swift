import ArgumentParser
import HadalJSON

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what this machine offers and what is wrong with it.",
        discussion: """
            Measures memory bandwidth and arithmetic peaks for a few seconds, and asks NVIDIA's driver, where there is one, for its
            cards: what is missing or does not fit, and how to mend it. HADAL_NVML_LIBRARY names a libnvidia-ml.so.1 that lies
            elsewhere.

            Examples:
              hadal doctor
              hadal doctor --json
            """)

    @Flag(help: "Write JSON.") var json = false

    func run() async throws {
        let report = try await MachineReport.examine()
        print(json ? report.json.text : report.text)
    }
}
