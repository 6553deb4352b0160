import Foundation
import HadalGateway
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The server beside `/openapi.json`.
@Suite(.timeLimit(.minutes(15))) struct DescriptionTests {
    @Test func theServerDoesWhatItsDescriptionSays() async throws {
        try await BatchTests.withDirectory { directory in
            try await Serving.run(configure: { $0.dataDirectory = directory.path }) { serving in
                // A user that it made there would shut it out of all the rest.
                try await Schemathesis.check(serving, in: directory, ["--exclude-path-regex", "^/admin/"])
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
