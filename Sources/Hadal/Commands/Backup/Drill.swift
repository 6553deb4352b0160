import ArgumentParser
import Foundation
import HadalBackup
import HadalConfiguration
import HadalJSON
import HadalStore

struct Drill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try out that the backup can be brought back, and how long it takes.",
        discussion: """
            Restores into a scratch directory, checks the databases and the audit trail, starts a server with the restored data
            (only for itself, with the built-in model), compares with the data directory where it is there, and tells the
            recovery time and the recovery point. Exits with 1 where something is wrong.

            Examples:
              hadal drill
              hadal drill --at 24h --json
              hadal drill --place s3://backups/hadal --recovery-key key.txt --scratch /mnt/scratch
            """)

    @OptionGroup var place: BackupPlace
    @OptionGroup var moment: BackupMoment
    @Option(
        help: ArgumentHelp(
            "Where the scratch directory is made, which goes when the drill is over. Default: TMPDIR, or /tmp.",
            valueName: "dir"))
    var scratch: String?
    @Flag(help: "Write JSON.") var json = false

    func run() async throws {
        let settings = try place.data.settings()
        let parent = scratch ?? ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        let directory = parent + "/hadal-drill-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let begun = Date()
        let clock = ContinuousClock.now
        let repository = try await place.open()
        let plan = try await repository.plan(at: moment.time)
        let bar = ByteBar("restoring")
        defer { bar.finish() }
        let restored = try await Restoration(plan, from: repository).run(into: directory) {
            bar.update(done: $0.done, total: $0.total)
        }
        bar.finish()
        let restoreSeconds = (ContinuousClock.now - clock) / .seconds(1)
        let comparison =
            FileManager.default.fileExists(atPath: settings.data)
            ? DataComparison(
                restored: directory + "/data", live: settings.data, excluded: settings.backupExcluded) : nil
        let file = plan.roots.first { $0.name == "configuration" }.map { ($0.path as NSString).lastPathComponent }
        var problems = plan.problems.map { "not in the backup: \($0)" } + restored.problems
        problems += comparison?.problems.map { "not compared: \($0)" } ?? []
        var startSeconds: Double?
        var trail: Bool?
        do {
            let server = try DrillServer(restored: directory, configuration: file)
            if let verified = try server.verifyTrail() {
                trail = verified.isWhole
                if !verified.isWhole { problems.append("the audit trail is not whole:\n\(verified.text)") }
            }
            startSeconds = try await server.run()
        } catch { problems.append("\(error)") }
        let report = DrillReport(
            plan: plan, restored: restored, begun: begun, restoreSeconds: restoreSeconds, startSeconds: startSeconds,
            trail: trail, comparison: comparison, problems: problems)
        print(json ? report.json.text : report.text)
        if !problems.isEmpty { throw ExitCode.failure }
    }
}

/// What a drill found.
struct DrillReport {
    let plan: RestorePlan
    let restored: Restoration.Report
    let begun: Date
    let restoreSeconds: Double
    /// nil: it did not start.
    let startSeconds: Double?
    /// nil: there is no trail.
    let trail: Bool?
    /// nil: there is nothing to compare with.
    let comparison: DataComparison?
    let problems: [String]

    /// Seconds before the drill from which on nothing is in the backup.
    private var pointSeconds: Double { begun.timeIntervalSince(plan.time) }
    private var recoverySeconds: Double? { startSeconds.map { restoreSeconds + $0 } }

    /// Rows that came, or went, since.
    private var changedTables: [DataComparison.Table] { comparison?.tables.filter { $0.restored != $0.live } ?? [] }

    var text: String {
        var lines = [
            "recovery time   \(recoverySeconds.map(Self.seconds) ?? "-")"
                + "  (restore \(Self.seconds(restoreSeconds)), start \(startSeconds.map(Self.seconds) ?? "failed"))",
            "recovery point  \(plan.time.precise), \(Self.seconds(pointSeconds)) before the drill",
            "restored        \(restored.files) files, \(restored.databases) databases (checked), "
                + ByteCount.text(restored.bytes),
        ]
        if let trail { lines.append("audit trail     \(trail ? "whole" : "NOT WHOLE")") }
        if let comparison {
            let same = comparison.tables.count - changedTables.count
            lines.append(
                "compared        \(same) of \(comparison.tables.count) tables have as many rows now, "
                    + "\(comparison.sameFiles) files are the same, \(comparison.changedFiles.count) changed since, "
                    + "\(comparison.newFiles.count) came since")
            for table in changedTables {
                lines.append(
                    "                \(table.database) \(table.name): \(table.restored) rows, now "
                        + (table.live.map { "\($0)" } ?? "gone"))
            }
            for file in comparison.changedFiles.prefix(10) { lines.append("                \(file) changed since") }
        }
        for problem in problems { lines.append("problem         \(problem)") }
        lines.append(problems.isEmpty ? "the backup can be relied upon" : "the backup can NOT be relied upon")
        return lines.joined(separator: "\n")
    }

    private static func seconds(_ value: Double) -> String {
        value < 10 ? "\((value * 10).rounded() / 10) s" : "\(Int(value.rounded())) s"
    }

    var json: JSON {
        .compact([
            ("time", .string(begun.precise)), ("snapshot", .string("\(plan.snapshot)")),
            ("recoveryPoint", .string(plan.time.precise)), ("recoveryPointSeconds", .double(pointSeconds)),
            ("recoveryTimeSeconds", recoverySeconds.map(JSON.double)), ("restoreSeconds", .double(restoreSeconds)),
            ("startSeconds", startSeconds.map(JSON.double)), ("files", .int(Int64(restored.files))),
            ("databases", .int(Int64(restored.databases))), ("bytes", .int(restored.bytes)),
            ("auditTrailIsWhole", trail.map(JSON.bool)),
            (
                "tables",
                comparison.map { comparison in
                    .array(
                        comparison.tables.map {
                            [
                                "database": .string($0.database), "table": .string($0.name),
                                "restored": .int(Int64($0.restored)), "now": $0.live.map { .int(Int64($0)) } ?? .null,
                            ]
                        })
                }
            ), ("changedFiles", comparison.map { .array($0.changedFiles.map(JSON.string)) }),
            ("newFiles", comparison.map { .array($0.newFiles.map(JSON.string)) }),
            ("problems", .array(problems.map(JSON.string))),
        ])
    }
}
