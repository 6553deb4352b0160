import ArgumentParser
import Foundation
import HadalGateway
import HadalJSON
import HadalTerminal

struct WorkerCrashes: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crashes", abstract: "Show how workers ended that were not told to.",
        discussion: """
            Examples:
              hadal workers crashes
              hadal workers crashes --json
              hadal workers crashes show deepseek-r1-20261129T073001.123Z
            """,
        subcommands: [List.self, Show.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the crash reports, the newest first.",
            discussion: """
                Example:
                  hadal workers crashes --json
                """)

        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func run() throws {
            let entries = try CrashReports(data: data.settings().dataURL).all()
            if json {
                let reports = entries.map { entry -> JSON in
                    var members = JSON.Object([("name", .string(entry.name))])
                    switch entry.report {
                    case .success(let report):
                        let told = report.json.object ?? JSON.Object()
                        for key in told.keys { members[key] = told[key] }
                    case .failure(let error): members["problem"] = .string(error.problem)
                    }
                    return .object(members)
                }
                return print(JSON.array(reports).text)
            }
            let rows = entries.map { entry -> [String] in
                guard case .success(let report) = entry.report else {
                    return [entry.name, "-", "-", "-", "cannot be read", "-", "-"]
                }
                return [
                    entry.name, ControlFilter.cleanLine(report.model), report.time.ISO8601Format(), report.end,
                    report.reason.rawValue, report.memory.map { ByteSize.rounded($0) } ?? "-",
                    "\(report.requests.count)",
                ]
            }
            let header = ["NAME", "MODEL", "TIME", "END", "REASON", "MEMORY", "REQUESTS"]
            print(Table(header: header, rows: rows, numbers: [5, 6]).text)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one crash report.",
            discussion: """
                Example:
                  hadal workers crashes show deepseek-r1-20261129T073001.123Z
                """)

        @Argument(help: "The report's name, as the list has it.") var name: String
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func run() throws {
            let report: CrashReport
            do { report = try CrashReports(data: data.settings().dataURL).report(named: name) } catch let error
                as CrashReportError
            {
                throw CommandFailure("\(error); 'hadal workers crashes' lists those that are there")
            }
            if json { return print(report.json.text) }
            func bytes(_ count: Int?) -> String { count.map { ByteSize.rounded($0) } ?? "not known" }
            print(
                """
                model      \(ControlFilter.cleanLine(report.model)) (\(report.digest ?? "digest not known"))
                time       \(report.time.ISO8601Format())
                end        \(report.end), \(report.reason.rawValue)
                process    \(report.process), after \(Int(report.uptime)) s, restarts before: \(report.restarts)
                memory     \(bytes(report.memory)), at most \(bytes(report.peakMemory)), limit \
                \(report.memoryLimit.map { ByteSize.rounded($0) } ?? "none")
                requests   \(report.requests.isEmpty ? "none" : report.requests.map(ControlFilter.cleanLine).joined(separator: " "))
                """)
            guard !report.lastLines.isEmpty else { return }
            print("\nwhat it wrote last:")
            for line in report.lastLines { print("  \(ControlFilter.cleanLine(line))") }
        }
    }
}
