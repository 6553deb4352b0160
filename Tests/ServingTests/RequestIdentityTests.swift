import Foundation
import HadalJSON
import HadalWire
import NIOHTTP1
import Subprocess
import TestSupport
import Testing

/// What a request is called in its answer and in the log.
@Suite(.timeLimit(.minutes(15))) struct RequestIdentityTests {
    @Test func eachAnswerHasOne() async throws {
        try await Serving.run { serving in
            let answers = [
                try await serving.chat(""), try await serving.get("/v1/models"), try await serving.get("/nothing"),
            ]
            let names = answers.compactMap { $0.headers["x-request-id"].first }
            #expect(
                Set(names).count == 3 && names.allSatisfy { $0.wholeMatch(of: /req-[0-9a-z]{24}/) != nil }, "\(names)")
            let streamed = try await serving.chat(#","stream":true"#)
            #expect(streamed.headers["x-request-id"].first?.hasPrefix("req-") == true)
        }
    }

    @Test(arguments: [
        ("mine-1.2_3", true), (String(repeating: "a", count: 64), true), (String(repeating: "a", count: 65), false),
        ("with space", false), ("a/b", false),
    ])
    func theClientsOwnIsTakenWhereItMayBe(given: String, isTaken: Bool) async throws {
        try await Serving.run { serving in
            let answer = try await serving.post("/v1/tokenize", "{}", headers: [("x-request-id", given)])
            #expect((answer.headers["x-request-id"].first == given) == isTaken)
        }
    }

    @Test func theRealProgramLogsToItsFile() async throws {
        let directory = try TemporaryDirectory()
        let log = directory.file("hadal.log")
        let config = try directory.write(
            "log:\n  to: file\n  file: \(log)\n  format: json\n  level: debug\n".utf8, "hadal.yaml")
        let ended = try await HadalProcess.serve("guide", ["--config", config, "--data", directory.file("data")]) {
            hadal in
            let answer = try await hadal.serving.get("/v1/models")
            #expect(answer.status == 200)
        }
        #expect(ended.status == .exited(0))
        let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map {
            try JSON(parsing: String($0))
        }
        #expect(lines.count > 1 && lines.allSatisfy { $0["level"] != nil && $0["message"] != nil })
    }
}
