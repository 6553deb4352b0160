import Foundation
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

    @Test func whatMakesNoSenseIsRefusedAtTheStart() async throws {
        let directory = try TemporaryDirectory()
        for (text, words) in [
            ("rules: [{name: Nothing}]", "Nothing"), ("channels: [{name: a, kind: mail}]", "host"),
            ("channels: [{name: a}]", "url"), ("availability: 2", "availability"),
        ] {
            let config = try directory.write("alerts:\n  \(text)\n".utf8, "hadal.yaml")
            let result = try await HadalProcess.run(["serve", "guide", "--config", config, "--listen", "127.0.0.1:0"])
            #expect(result.status == .exited(1) && result.errors.contains(words), "\(text): \(result.errors)")
        }
    }
}
