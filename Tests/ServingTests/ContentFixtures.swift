import Foundation
import HadalConfiguration
import HadalJSON
import HadalWire
import Synchronization

@testable import HadalGateway

/// What a worker was asked, in order.
final class Asked: Sendable {
    private let requests = Mutex<[WorkerRequest]>([])

    var all: [WorkerRequest] { requests.withLock { $0 } }
    var texts: [String] { all.map { ScriptedBackend.text(of: $0) } }

    var count: Int { all.count }

    /// - Returns: its place, from 0.
    @discardableResult
    func take(_ request: WorkerRequest) -> Int {
        requests.withLock { requests in
            requests.append(request)
            return requests.count - 1
        }
    }

    /// Does what `script` does, and notes what it is asked.
    func noting(_ script: @escaping ScriptedBackend.Script = ScriptedBackend.echo) -> ScriptedBackend.Script {
        { request throws(WorkerFailure) in
            self.take(request)
            return try script(request)
        }
    }

    /// The backend, which notes what it is asked.
    func backend(_ script: @escaping ScriptedBackend.Script = ScriptedBackend.echo) -> ScriptedBackend {
        ScriptedBackend(script: noting(script))
    }
}

extension ScriptedBackend {
    init(script: @escaping Script) {
        self.init()
        self.script = script
    }

    /// Says these texts, whatever it is asked.
    static func says(_ pieces: [String]) -> Script {
        { _ throws(WorkerFailure) in stream(pieces.map { .said($0) } + [.done(.stop)]) }
    }
}

extension GatewayConfiguration {
    /// Takes what an operator would write into the file.
    mutating func set(_ change: (inout HadalSettings) -> Void) throws {
        var settings = HadalSettings()
        change(&settings)
        content = try ContentConfiguration(settings)
    }

    /// The rules of a file with these lines below `rules:`.
    mutating func useRules(_ lines: String, _ change: (inout HadalSettings) -> Void = { _ in }) throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("rules-\(UUID().uuidString).yaml")
        try ("version: \"1\"\nrules:\n" + lines).write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        try set {
            $0.rules = file.path
            change(&$0)
        }
    }
}

extension Serving.Answer {
    var content: String? { json["choices"]?[0]?["message"]?["content"]?.string }
    var finish: String? { json["choices"]?[0]?["finish_reason"]?.string }

    /// The contents of a stream of chat completions, put together.
    var streamed: String {
        events.compactMap { try? JSON(parsing: $0) }
            .compactMap { $0["choices"]?[0]?["delta"]?["content"]?.string }.joined()
    }

    var streamedFinish: String? {
        events.compactMap { try? JSON(parsing: $0) }.compactMap { $0["choices"]?[0]?["finish_reason"]?.string }.last
    }
}
