import Foundation
import HadalGateway
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The server beside `/openapi.json`: schemathesis makes requests from it, right ones and wrong ones, and looks at the
/// answers.
@Suite(.timeLimit(.minutes(5))) struct DescriptionTests {
    @Test func theServerDoesWhatItsDescriptionSays() async throws {
        let program = SharedData.repository.appendingPathComponent(".venv/bin/st").path
        guard FileManager.default.isExecutableFile(atPath: program) else {
            Issue.record("\(program) is missing: run `make setup` first")
            return
        }
        try await BatchTests.withDirectory { directory in
            try await Serving.run(configure: { $0.dataDirectory = directory.path }) { serving in
                let checks = [
                    "not_a_server_error", "status_code_conformance", "content_type_conformance",
                    "response_schema_conformance", "allow_header_conformance",
                ]
                let result = try await Subprocess.run(
                    .path(.init(program)),
                    arguments: .init([
                        "run", serving.base + "/openapi.json", "--checks", checks.joined(separator: ","), "--phases",
                        "examples,coverage,fuzzing", "--max-examples", "8", "--seed", "1", "--generation-database",
                        "none", "--warnings", "off", "--continue-on-failure",
                    ]),
                    workingDirectory: .init(directory.path), output: .string(limit: 1 << 20),
                    error: .combinedWithOutput)
                #expect(result.terminationStatus == .exited(0), "\(result.standardOutput)")
            }
        }
    }

    @Test(.enabled(if: SharedData.file("api/openai/openapi.yaml") != nil, "needs ../shared/data"))
    func answersHaveTheShapeThatOpenAIDescribes() async throws {
        let description = try #require(SharedData.file("api/openai/openapi.yaml"))
        try await Serving.run(ScriptedBackend(script: ScriptedBackend.agent)) { serving in
            try await PythonClient.run(
                "specification.py", base: serving.base, model: "scripted", [description.path])
        }
    }
}
