import Foundation
import HadalJSON
import Subprocess
import SystemPackage
import TestSupport

/// Another server that is an upstream of ours: the real program, in a process of its own.
enum UpstreamPeer: String, CaseIterable, Sendable {
    /// As PyPI has it (`peer-requirements.txt`), with its defaults.
    case llamaCpp = "llama_cpp.server"
    case hadal

    struct Server: Sendable {
        let port: Int
        let process: Int32
        /// What its model is called there.
        let model: String

        var serving: Serving { Serving(port: port, socket: "") }
    }

    struct Failed: Error, CustomStringConvertible { let description: String }

    /// Serves a model for the time of `body`, and is killed then.
    /// - Parameter port: 0: any free one.
    func serve<Value: Sendable>(
        _ model: String, port: Int = 0, _ body: @escaping @Sendable (Server) async throws -> Value
    ) async throws -> Value {
        switch self {
        case .llamaCpp: try await Self.serveLlamaCpp(model, port, body)
        case .hadal:
            try await HadalProcess.serve([model, "--listen", "127.0.0.1:\(port)"]) { hadal in
                let name = try await hadal.serving.get("/v1/models").json["data"]?[0]?["id"]?.string
                let value = try await body(Server(port: hadal.port, process: hadal.process, model: name ?? ""))
                kill(hadal.process, SIGKILL)
                return value
            }.value
        }
    }

    private static func serveLlamaCpp<Value: Sendable>(
        _ model: String, _ port: Int, _ body: @escaping @Sendable (Server) async throws -> Value
    ) async throws -> Value {
        guard FileManager.default.isExecutableFile(atPath: PythonClient.interpreter) else {
            throw Failed(description: "\(PythonClient.interpreter) is missing: run `make setup` first")
        }
        let directory = try TemporaryDirectory()
        // It writes much; a pipe that nobody reads would stop it.
        let log = try directory.write([], "log")
        var platform = PlatformOptions()
        platform.teardownSequence = [.send(signal: .kill, allowedDurationToNextStep: .seconds(5))]
        let result = try await Subprocess.run(
            .path("/bin/sh"),
            arguments: [
                "-c", #"exec "$@" > "$0" 2>&1"#, log, PythonClient.interpreter, "-m", "llama_cpp.server",
                "--model", model, "--model_alias", "theirs", "--host", "127.0.0.1", "--port", "\(port)",
                "--n_ctx", "\(context)", "--n_threads", "1",
            ],
            platformOptions: platform, input: .none, output: .sequence, error: .discarded
        ) { execution in
            let port = try await Self.port(from: log)
            let value = try await body(
                Server(port: port, process: execution.processIdentifier.value, model: "theirs"))
            try? execution.send(signal: .kill)
            return value
        }
        return result.closureResult
    }

    /// Tokens, prompt and answer together.
    static let context = 16_384

    /// Waits for the line that it writes when it listens.
    private static func port(from log: String) async throws -> Int {
        let end = ContinuousClock.now + .seconds(120)
        var text = ""
        while ContinuousClock.now < end, !text.contains("Traceback"), !text.contains("No module named") {
            text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)
            if let match = text.firstMatch(of: /running on http:\/\/127\.0\.0\.1:(\d+)/), let port = Int(match.1) {
                return port
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Failed(description: "llama_cpp.server does not serve; `make setup` installs it: \(text.suffix(1000))")
    }
}
