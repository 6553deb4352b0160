import Foundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The official clients, from the Python environment that `make setup` makes.
enum PythonClient {
    static let interpreter = SharedData.repository.appendingPathComponent(".venv/bin/python").path
    private static let script = SharedData.repository.appendingPathComponent("Tests/ServingTests/openai_client.py").path

    /// Runs topics of `openai_client.py`; what they print is part of the failure.
    static func run(base: String, model: String, _ topics: [String]) async throws {
        guard FileManager.default.isExecutableFile(atPath: interpreter) else {
            Issue.record("\(interpreter) is missing: run `make setup` first")
            return
        }
        let result = try await Subprocess.run(
            .path(.init(interpreter)), arguments: .init([script, base, model] + topics),
            output: .string(limit: 1 << 20),
            error: .combinedWithOutput)
        #expect(result.terminationStatus == .exited(0), "\(result.standardOutput)")
    }
}
