import Foundation
import HadalJSON
import Subprocess
import TestSupport
import Testing

/// `hadal bench load` and `compare`, the real program asking the real program.
@Suite(.timeLimit(.minutes(15))) struct BenchLoadTests {
    private static func load(_ port: Int, _ further: [String]) async throws -> (
        json: JSON, errors: String, status: TerminationStatus
    ) {
        let result = try await HadalProcess.run(
            ["bench", "load", "--url", "http://127.0.0.1:\(port)", "--prompt", "60", "--answer", "8", "--json"]
                + further)
        return (try JSON(parsing: result.output), result.errors, result.status)
    }

    @Test func aServerIsMeasuredAndComparedWithItself() async throws {
        let directory = try TemporaryDirectory()
        let ended = try await HadalProcess.serve("guide") { hadal in
            let page = directory.file("report.html")
            let first = try await Self.load(
                hadal.port,
                ["--clients", "4", "--questions", "24", "--shared", "80", "--slo", "e2e.p99=600", "--html", page])
            #expect(first.status == .exited(0), "\(first.errors)")
            #expect(first.json["model"] == "guide" && first.json["answered"] == 24 && first.json["failed"] == 0)
            let prompt = (first.json["prompt_tokens"]?.double ?? 0) / 24
            #expect(prompt > 120 && prompt < 220, "\(prompt) tokens")
            // All begin with the same text, which the engine finds again.
            #expect((first.json["cached_tokens"]?.int ?? 0) > 0)
            #expect((first.json["seconds_of"]?["ttft"]?["count"]?.int ?? 0) == 24)
            #expect(try String(contentsOfFile: page, encoding: .utf8).contains("<polyline"))

            // A rate asks whatever the server does; an objective that cannot be met fails the command.
            let second = try await Self.load(
                hadal.port, ["--rate", "20", "--questions", "20", "--slo", "ttft.p50=0.000001", "--model", "guide"])
            #expect(second.status == .exited(1))
            #expect(second.json["objectives"]?[0]?["met"] == false && second.json["answered"] == 20)

            let files = try [first, second].enumerated().map { number, result in
                try directory.write(result.json.text.utf8, "run\(number).json")
            }
            let compared = try await HadalProcess.run(["bench", "compare"] + files + ["--json"])
            #expect(compared.status == .exited(0))
            #expect(try JSON(parsing: compared.output)[0]?["measure"] == "tokens/s")

            let ramp = try await HadalProcess.run([
                "bench", "load", "--url", "http://127.0.0.1:\(hadal.port)", "--ramp", "1..4", "--questions", "8",
                "--prompt", "20", "--answer", "4",
            ])
            #expect(ramp.status == .exited(0), "\(ramp.errors)")
            #expect(ramp.output.split(separator: "\n").count == 5, "\(ramp.output)")
        }
        #expect(ended.status == .exited(0))
    }

    @Test func whatCannotBeIsRefused() async throws {
        let cases: [([String], String)] = [
            (["--clients", "1", "--rate", "1"], "one of"), (["--slo", "speed=1"], "ttft"),
            (["--url", "localhost"], "address"),
            (["--ramp", "4..1"], "FROM..TO"), (["--duration", "soon"], "--duration"),
            (["--trace", "/nonexistent"], "/nonexistent"),
            (["--url", "http://127.0.0.1:1"], "not reached"),
        ]
        for (arguments, words) in cases {
            let result = try await HadalProcess.run(["bench", "load"] + arguments)
            #expect(result.status != .exited(0) && result.errors.contains(words), "\(arguments): \(result.errors)")
        }
        let result = try await HadalProcess.run(["bench", "compare", "/nonexistent", "/nonexistent"])
        #expect(result.status == .exited(1) && result.errors.contains("cannot read /nonexistent"))
    }
}
