import Foundation
import HadalJSON
import NIOHTTP1
import Subprocess
import TestSupport
import Testing

/// Backups by the real program: a machine that is lost, a drill, a place that is away.
@Suite(.serialized, .timeLimit(.minutes(15))) struct BackupProcessTests {
    private struct Site: Sendable {
        let directory: TemporaryDirectory
        let key: String
        let recoveryKey: String

        var data: String { directory.file("data") }
        var config: String { directory.file("hadal.yaml") }
        var place: String { directory.file("place") }
        var options: [String] { ["--config", config] }
        /// Processes of tests have a data directory of their own by an environment variable, which counts before the file.
        var serving: [String] { options + ["--data", data] }

        /// A data directory with a key, and a place for its backups.
        init() async throws {
            let directory = try TemporaryDirectory()
            self.directory = directory
            try directory.write(
                """
                data: data
                models: [{name: guide, model: guide}]
                backup: {place: place, interval: 1s}
                """.utf8, "hadal.yaml")
            let options = ["--config", directory.file("hadal.yaml")]
            let made = try await Self.hadal(
                ["keys", "create", "--name", "operator", "--role", "administrator", "--json"] + options)
            key = try #require(try JSON(parsing: made)["secret"]?.string)
            let text = try await Self.hadal(["backup", "init"] + options)
            recoveryKey = try #require(text.firstMatch(of: /hadal-recovery-[0-9A-Z-]+/).map { String($0.output) })
            try directory.write(recoveryKey.utf8, "recovery.key")
        }

        static func hadal(_ arguments: [String], fails: Bool = false) async throws -> String {
            let result = try await HadalProcess.run(arguments)
            #expect(result.status == .exited(fails ? 1 : 0), "\(arguments): \(result.errors)\(result.output)")
            return fails ? result.errors + result.output : result.output
        }

        func get(_ hadal: HadalProcess, _ path: String) async throws -> Serving.Answer {
            try await GuardedServing.send(hadal.serving, .GET, path, key: key)
        }

        /// Returns when all that is stored now is in the backup.
        func isSafe(_ hadal: HadalProcess) async throws {
            let now = Date()
            let isSafe = try await becomes {
                let status = try await get(hadal, "/admin/v1/backup").json
                let until = status["safeUntil"]?.string.flatMap {
                    try? Date($0, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
                }
                return until.map { $0 > now } ?? false
            }
            #expect(isSafe)
        }
    }

    @Test func aMachineThatIsLostComesBackWithTheRecoveryKey() async throws {
        let site = try await Site()
        let made = try await HadalProcess.serve(site.serving) { hadal in
            let question = #"{"model":"guide","messages":[{"role":"user","content":"Hello"}],"max_tokens":4}"#
            #expect(
                try await hadal.serving.post(
                    "/v1/chat/completions", question, headers: [("authorization", "Bearer \(site.key)")]
                ).status == 200)
            let made = try await Site.hadal(
                ["keys", "create", "--name", "late", "--json"] + site.options)
            try await site.isSafe(hadal)
            kill(hadal.process, SIGKILL)
            return try #require(try JSON(parsing: made)["secret"]?.string)
        }
        #expect(made.status == .signaled(SIGKILL))
        try FileManager.default.removeItem(atPath: site.data)

        // What remains: the place, and the recovery key.
        let restored = site.directory.file("restored")
        let elsewhere = ["--place", site.place, "--recovery-key", site.directory.file("recovery.key")]
        let unopened = try await Site.hadal(["restore", "--to", restored] + site.options, fails: true)
        #expect(unopened.contains("backup.key"))
        let text = try await Site.hadal(["restore", "--to", restored] + elsewhere)
        #expect(text.contains("hadal serve --config \(restored)/configuration/hadal.yaml --data \(restored)/data"))
        let refused = try await Site.hadal(["restore", "--to", restored] + elsewhere, fails: true)
        #expect(refused.contains("not empty"))

        let data = ["--data", restored + "/data"]
        #expect(try await Site.hadal(["audit", "verify"] + data).isEmpty == false)
        let back = try await HadalProcess.serve(["guide"] + data) { hadal in
            // Both keys are known, others not.
            for (key, status) in [(site.key, 200), (made.value, 200), ("sk-none", 401)] {
                let answer = try await GuardedServing.send(hadal.serving, .GET, "/v1/models", key: key)
                #expect(answer.status == status)
            }
        }
        #expect(back.status == .exited(0))
    }

    @Test func aDrillTellsTimeAndPointAndWhatIsWrong() async throws {
        let site = try await Site()
        let outcome = try await HadalProcess.serve(site.serving) { hadal in
            try await site.isSafe(hadal)
            let run = try await hadal.serving.post(
                "/admin/v1/backup/run", "{}", headers: [("authorization", "Bearer \(site.key)")])
            #expect(run.status == 200 && run.json["problems"]?.array?.isEmpty == true, "\(run.body)")
            let report = try JSON(parsing: try await Site.hadal(["drill", "--json"] + site.options))
            #expect(report["problems"]?.array?.isEmpty == true)
            #expect(report["auditTrailIsWhole"]?.bool == true)
            let point = try #require(report["recoveryPointSeconds"]?.double)
            let time = try #require(report["recoveryTimeSeconds"]?.double)
            #expect(point >= 0 && point < 60 && time > 0 && time < 600)
            let keys = report["tables"]?.array?.first { $0["table"]?.string == "keys" }
            #expect(keys?["restored"]?.int == 1 && keys?["now"]?.int == 1, "\(report)")
            #expect(try await get(hadal, site, "hadal_backup_failures_total") == 0)
            #expect(try await get(hadal, site, "hadal_backup_safe_until_seconds") > 1_700_000_000)
        }
        #expect(outcome.status == .exited(0))
        // One chunk is damaged.
        let chunks = site.place + "/chunks"
        let all = try FileManager.default.subpathsOfDirectory(atPath: chunks).filter { $0.utf8.count > 60 }.sorted()
        let chunk = URL(fileURLWithPath: chunks + "/" + all[all.count / 2])
        var bytes = try Data(contentsOf: chunk)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: chunk)
        #expect(try await Site.hadal(["backup", "check"] + site.options).contains("nothing is missing"))
        let check = try await Site.hadal(["backup", "check", "--read"] + site.options, fails: true)
        #expect(check.contains(chunk.lastPathComponent))
    }

    private func get(_ hadal: HadalProcess, _ site: Site, _ metric: String) async throws -> Double {
        let text = try await site.get(hadal, "/metrics").body
        let line = text.split(separator: "\n").first { $0.hasPrefix(metric + " ") }
        return try #require(line?.split(separator: " ").last.flatMap { Double($0) }, "\(metric) in \(text)")
    }

    @Test func aPlaceThatIsAwayKeepsNobodyFromServing() async throws {
        let site = try await Site()
        try FileManager.default.moveItem(atPath: site.place, toPath: site.place + "-away")
        let outcome = try await HadalProcess.serve(site.serving) { hadal in
            #expect(
                try await becomes {
                    let status = try await site.get(hadal, "/admin/v1/backup").json
                    return (status["failures"]?.int ?? 0) > 0
                        && status["problems"]?[0]?.string?.contains(site.place) == true
                })
            try FileManager.default.moveItem(atPath: site.place + "-away", toPath: site.place)
            try await site.isSafe(hadal)
        }
        #expect(outcome.status == .exited(0))
        let list = try JSON(parsing: try await Site.hadal(["backup", "list", "--json"] + site.options))
        #expect(list.array?.isEmpty == false)
    }

    @Test func commandsSayWhatIsWrong() async throws {
        let site = try await Site()
        #expect(try await Site.hadal(["backup", "init"] + site.options, fails: true).contains("backup.key is there"))
        #expect(try await Site.hadal(["backup", "key"] + site.options).contains(site.recoveryKey))
        try site.directory.write("hadal-recovery-00000".utf8, "bad.key")
        let bad = try await Site.hadal(
            ["backup", "list", "--recovery-key", site.directory.file("bad.key")] + site.options, fails: true)
        #expect(bad.contains("no recovery key"))
        let none = try await Site.hadal(["restore", "--to", site.directory.file("x")] + site.options, fails: true)
        #expect(none.contains("no snapshot yet"))
        #expect(try await Site.hadal(["backup", "now"] + site.options).contains("files"))
        let early = try await Site.hadal(
            ["restore", "--to", site.directory.file("x"), "--at", "2d"] + site.options, fails: true)
        #expect(early.contains("nothing from before"))
        #expect(try await HadalProcess.run(["restore", "--to", "x", "--at", "yesterday"]).status == .exited(2))
        #expect(try await Site.hadal(["backup", "clear"] + site.options).contains("removed 0 snapshots"))
    }
}
