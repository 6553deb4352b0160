import Foundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// Makes requests from `/openapi.json`, right ones and wrong ones, and looks at the answers.
enum Schemathesis {
    /// - Parameter further: which paths, and what to send with each request.
    static func check(_ serving: Serving, in directory: URL, _ further: [String]) async throws {
        let program = SharedData.repository.appendingPathComponent(".venv/bin/st").path
        guard FileManager.default.isExecutableFile(atPath: program) else {
            Issue.record("\(program) is missing: run `make setup` first")
            return
        }
        let checks = [
            "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
            "allow_header_conformance",
        ]
        let result = try await Subprocess.run(
            .path(.init(program)),
            arguments: .init(
                [
                    "run", serving.base + "/openapi.json", "--checks", checks.joined(separator: ","), "--phases",
                    "examples,coverage,fuzzing", "--max-examples", "8", "--seed", "1", "--generation-database", "none",
                    "--warnings", "off", "--continue-on-failure", "--request-timeout", "60",
                ] + further),
            workingDirectory: .init(directory.path), output: .string(limit: 1 << 20), error: .combinedWithOutput)
        #expect(result.terminationStatus == .exited(0), "\(result.standardOutput)")
    }
}
