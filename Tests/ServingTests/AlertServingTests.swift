import Foundation
import HadalAccess
import HadalJSON
import Subprocess
import TestSupport
import Testing

/// Alerts of the real program: its settings, channels, silences and commands.
@Suite(.timeLimit(.minutes(15))) struct AlertServingTests {
    @Test func theyAreListedSilencedAndTried() async throws {
        let directory = try TemporaryDirectory()
        let told = directory.file("told.json")
        let script = try directory.write("#!/bin/sh\ncat > \(told)\n".utf8, "tell.sh")
        chmod(script, 0o755)
        let config = try directory.write(
            """
            alerts:
              interval: 5s
              rules: [{name: HadalQueueWait, enabled: false}]
              channels: [{name: ops, kind: command, command: [\(script)]}]
            """.utf8, "hadal.yaml")
        let ended = try await HadalProcess.serve("guide", ["--config", config, "--data", directory.file("data")]) {
            hadal in
            func run(_ arguments: [String]) async throws -> (isFine: Bool, text: String) {
                let result = try await HadalProcess.run(
                    ["alerts"] + arguments + ["--url", "http://127.0.0.1:\(hadal.port)"])
                return (result.status == .exited(0), result.output + result.errors)
            }
            let tried = try await run(["test", "ops"])
            #expect(tried.isFine, "\(tried.text)")
            #expect(
                try JSON(parsing: try Data(contentsOf: URL(fileURLWithPath: told)))["events"]?[0]?["rule"] == "Test")
            #expect(try await run(["test", "nobody"]).isFine == false)

            let silenced = try await run([
                "silence", "--for", "2h", "--why", "load test", "--label", "model=guide", "--json",
            ])
            #expect(silenced.isFine, "\(silenced.text)")
            let id = try #require(try JSON(parsing: silenced.text)["id"]?.string)
            // A rule that is switched off is none.
            #expect(
                try await run(["silence", "--for", "2h", "--why", "x", "--rule", "HadalQueueWait"]).isFine == false)
            let list = try JSON(parsing: try await run(["list", "--json"]).text)
            #expect(list["silences"]?[0]?["why"] == "load test" && list["channels"]?[0]?["name"] == "ops")
            #expect(list["rules"]?.array?.contains("HadalQueueWait") == false && list["problem"] == nil)
            #expect(try await run(["list"]).text.contains("load test"))
            #expect(try await run(["unsilence", id]).isFine)
            #expect(try await run(["unsilence", id]).isFine == false)
        }
        #expect(ended.status == .exited(0))
    }

    /// A rule of the organisation's that fires at once has a real worker restarted.
    @Test func anAlertRestartsAWorker() async throws {
        let directory = try TemporaryDirectory()
        let told = directory.file("told.jsonl")
        let script = try directory.write("#!/bin/sh\ncat >> \(told)\necho >> \(told)\n".utf8, "tell.sh")
        chmod(script, 0o755)
        let config = try directory.write(
            """
            alerts:
              interval: 5s
              own:
                - name: IsUp
                  query: 'max by (model) (hadal_worker_ready{model="guide"})'
                  above: {critical: 0.5}
                  summary: '{model} can be asked.'
                  action: {do: restart, cooldown: 1h, per_hour: 1}
              channels: [{name: ops, kind: command, command: [\(script)]}]
            """.utf8, "hadal.yaml")
        let data = directory.file("data")
        let checked = try await HadalProcess.run(["config", "check", config])
        #expect(checked.status == .exited(0), "\(checked.errors)")
        let ended = try await HadalProcess.serve("guide", ["--config", config, "--data", data]) { hadal in
            let old = try #require(hadal.workers.first)
            #expect(try await becomes { try await Self.event("acted", of: hadal) != nil })
            let acted = try #require(try await Self.event("acted", of: hadal))
            #expect(acted["outcome"]?["result"] == "done" && acted["action"] == "restart", "\(acted.text)")
            #expect(try await Self.event("firing", of: hadal)?["action"] == "restart")
            #expect(await becomes { hadal.workers.count == 1 && !hadal.workers.contains(old) })
            let worker = try await hadal.serving.get("/admin/v1/workers").json["data"]?[0]
            #expect(worker?["restarts"] == 1 && worker?["state"] == "ready")
            #expect(try await hadal.serving.post(hadal.example.path, hadal.example.body).status == 200)

            let acts = try AuditLog(data: URL(fileURLWithPath: data)).events(tenant: nil).map(\.event)
                .filter { $0.action.hasPrefix("alerts.") }
            #expect(acts.reversed().map(\.action) == ["alerts.restart", "alerts.restart.result"])
            #expect(acts.allSatisfy { $0.actor == "hadal" && $0.target == "guide" && $0.outcome == .done })
            #expect(acts[0].details["rule"] == "IsUp" && acts[0].details["result"]?.contains("new worker") == true)
            let metrics = try await hadal.serving.get("/metrics").body
            #expect(metrics.contains("hadal_alert_actions_total{action=\"restart\",outcome=\"done\"} 1\n"))

            let list = try await HadalProcess.run(["alerts", "list", "--url", "http://127.0.0.1:\(hadal.port)"])
            #expect(list.output.contains("restart for IsUp (model=guide) done: "), "\(list.output)\(list.errors)")
            #expect(
                await becomes {
                    (try? String(contentsOfFile: told, encoding: .utf8))?.contains("\"kind\":\"acted\"") == true
                })
        }
        #expect(ended.status == .exited(0))
    }

    @Test func whatMakesNoSenseIsRefusedAtTheStart() async throws {
        let directory = try TemporaryDirectory()
        for (text, words) in [
            ("rules: [{name: Nothing}]", "Nothing"), ("channels: [{name: a, kind: mail}]", "host"),
            ("channels: [{name: a}]", "url"), ("availability: 2", "availability"),
            ("rules: [{name: HadalDisk, action: {do: restart}}]", "HadalDisk: action.do"),
            ("rules: [{name: HadalQueueWait, action: {from: serious}}]", "action.do"),
            ("rules: [{name: HadalQueueWait, action: {do: dance}}]", "dance"),
            ("own: [{name: Mine, query: hadal_nothing, above: {warning: 1}}]", "there is no metric hadal_nothing"),
            ("own: [{name: Mine, query: hadal_disk_bytes +, above: {warning: 1}}]", "column 19"),
            ("own: [{name: Mine, query: hadal_disk_bytes}]", "no level is given"),
            ("own: [{name: HadalDisk, query: hadal_disk_bytes, above: {warning: 1}}]", "another rule has it"),
        ] {
            let config = try directory.write("alerts:\n  \(text)\n".utf8, "hadal.yaml")
            let result = try await HadalProcess.run(["serve", "guide", "--config", config, "--listen", "127.0.0.1:0"])
            #expect(result.status == .exited(1) && result.errors.contains(words), "\(text): \(result.errors)")
            // It tells the same without a start.
            let checked = try await HadalProcess.run(["config", "check", config])
            #expect(checked.status == .exited(1) && checked.errors.contains(words), "\(text): \(checked.errors)")
        }
    }

    /// The newest of the kind, of the rule `IsUp`: where this machine is busy, others may fire too.
    private static func event(_ kind: String, of hadal: HadalProcess) async throws -> JSON? {
        let alerts = try await hadal.serving.get("/admin/v1/alerts").json
        return alerts["recent"]?.array?.first { $0["kind"]?.string == kind && $0["rule"] == "IsUp" }
    }
}
