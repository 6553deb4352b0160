import ArgumentParser
import Foundation
import HadalBackup
import HadalJSON
import HadalStore

struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring back a backup, as it was at any moment.",
        discussion: """
            Writes DIR/data, DIR/configuration and what else was backed up; nothing that is there is overwritten. Each database
            is checked. On a new machine the recovery key opens the backup (--recovery-key, or HADAL_RECOVERY_KEY).

            Examples:
              hadal restore --to /var/lib/hadal-restored
              hadal restore --to /tmp/yesterday --at 24h
              hadal restore --place s3://backups/hadal --recovery-key key.txt --to /srv/hadal --at 2026-11-29T08:15:00Z
            """)

    @OptionGroup var place: BackupPlace
    @Option(help: ArgumentHelp("Where to, a directory that is not there, or empty.", valueName: "dir")) var to: String
    @OptionGroup var moment: BackupMoment
    @Flag(help: "Write JSON.") var json = false

    func run() async throws {
        let repository = try await place.open()
        let plan = try await repository.plan(at: moment.time)
        let target = URL(fileURLWithPath: to).standardizedFileURL.path
        let bar = ByteBar("restoring")
        defer { bar.finish() }
        let report = try await Restoration(plan, from: repository).run(into: target) {
            bar.update(done: $0.done, total: $0.total)
        }
        bar.finish()
        if json {
            print(Self.json(plan, report, target).text)
        } else {
            tell(plan, report, target)
        }
        if !report.problems.isEmpty { throw ExitCode.failure }
    }

    private func tell(_ plan: RestorePlan, _ report: Restoration.Report, _ target: String) {
        for problem in report.problems { print("not whole: \(problem)") }
        guard report.problems.isEmpty else {
            return print(
                "\(target) has the rest as it was at \(plan.time.precise); run it again with an earlier --at for all of it"
            )
        }
        print(
            """
            \(target) is as it was at \(plan.time.precise): \(report.files) files, \(report.databases) databases (checked), \
            \(ByteCount.text(report.bytes))
            """)
        for root in plan.roots { print("  \(target)/\(root.name)  was \(root.path)") }
        for problem in plan.problems { print("not in it: \(problem)") }
        let configuration = plan.roots.first { $0.name == "configuration" }.map {
            " --config \(target)/configuration/\(($0.path as NSString).lastPathComponent)"
        }
        if geteuid() == 0 { print("give it to the server's user first: chown -R USER: \(target)") }
        print(
            "it does not back up until you say so: hadal backup init --recovery-key FILE --place \(plan.place) --data \(target)/data"
        )
        print("start it: hadal serve\(configuration ?? "") --data \(target)/data")
    }

    private static func json(_ plan: RestorePlan, _ report: Restoration.Report, _ target: String) -> JSON {
        [
            "directory": .string(target), "snapshot": .string("\(plan.snapshot)"), "time": .string(plan.time.precise),
            "files": .int(Int64(report.files)), "databases": .int(Int64(report.databases)),
            "bytes": .int(report.bytes), "seconds": .double(report.seconds),
            "problems": .array((plan.problems + report.problems).map(JSON.string)),
        ]
    }
}
