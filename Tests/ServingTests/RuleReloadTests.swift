import HadalJSON
import NIOHTTP1
import Subprocess
import TestSupport
import Testing

/// The real program, whose rules change while it runs.
@Suite(.timeLimit(.minutes(15))) struct RuleReloadTests {
    private static func rules(_ word: String) -> String.UTF8View {
        """
        version: "1"
        rules:
          - id: word
            when: {keywords: [\(word)]}
            action: block
        """.utf8
    }

    @Test func newRulesCountAfterAReloadAndWrongOnesNever() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(Self.rules("anvil"), "rules.yaml")
        let file = try directory.write("data: kept\nrules: rules.yaml\n".utf8, "hadal.yaml")
        let outcome = try await HadalProcess.serve(["--config", file, "--data", directory.file("kept")]) { hadal in
            func status(_ word: String) async throws -> Int {
                try await hadal.serving.post(
                    "/v1/completions", #"{"model":"guide","prompt":"about the \#(word)","max_tokens":1}"#
                ).status
            }
            let before = try await (status("anvil"), status("hammer"))
            #expect(before == (403, 200))
            try directory.write("rules: [{id: x, when: {keywords: []}}]".utf8, "rules.yaml")
            let refused = try await GuardedServing.send(hadal.serving, .POST, "/admin/v1/configuration/reload")
            #expect(refused.status >= 400 && refused.body.contains("rules.yaml"), "\(refused.body)")
            let between = try await status("anvil")
            #expect(between == 403)
            try directory.write(Self.rules("hammer"), "rules.yaml")
            let taken = try await GuardedServing.send(hadal.serving, .POST, "/admin/v1/configuration/reload")
            #expect(taken.status == 200, "\(taken.body)")
            let after = try await (status("anvil"), status("hammer"))
            #expect(after == (200, 403))
        }
        #expect(outcome.status == .exited(0))
    }
}
