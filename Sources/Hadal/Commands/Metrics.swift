import ArgumentParser
import Foundation
import HadalDashboards
import HadalJSON

struct Metrics: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write what dashboards need.", subcommands: [MetricsDashboards.self])
}

struct MetricsDashboards: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboards",
        abstract: "Write the dashboards for Grafana, a JSON file each.",
        discussion: """
            They ask for the metrics that this version has (docs/metrics.md); Deploy/grafana has them too.

            Example:
              hadal metrics dashboards --to /var/lib/grafana/dashboards
            """)

    @Option(help: "The directory; it is made where it is not there.") var to: String

    func run() throws {
        do {
            try FileManager.default.createDirectory(atPath: to, withIntermediateDirectories: true)
            for dashboard in Dashboard.all {
                let path = to + "/" + dashboard.name + ".json"
                try Data((dashboard.json.text + "\n").utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
                print(path)
            }
        } catch { throw CommandFailure("cannot write to \(to): \(error.localizedDescription)") }
    }
}
