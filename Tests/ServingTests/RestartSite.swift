import AsyncHTTPClient
import Foundation
import HadalGateway
import HadalJSON
import Subprocess
import Synchronization
import TestSupport
import Testing

/// The real program with a data directory and a configuration, restarted while clients use it.
struct RestartSite: Sendable {
    let hadal: HadalProcess
    let directory: TemporaryDirectory

    var data: URL { directory.url.appendingPathComponent("data") }
    var serving: Serving { hadal.serving }

    /// Serves the built-in model until `body` returns; then no process is left.
    static func run(_ body: @escaping @Sendable (RestartSite) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        let config = try directory.write(configuration("[{name: guide, model: guide}]").utf8, "hadal.yaml")
        let outcome = try await HadalProcess.serve(
            ["--config", config, "--data", directory.file("data")]
        ) { hadal in
            let site = RestartSite(hadal: hadal, directory: directory)
            do { try await body(site) } catch {
                await site.stop()
                throw error
            }
            await site.stop()
        }
        #expect(outcome.status == .exited(0))
    }

    /// The process that serves, as it says itself.
    var server: ServerFile.Contents? { try? ServerFile.read(data: data) }

    /// Ends what serves; the first process is ended by who has started it.
    private func stop() async {
        guard let server, server.process != hadal.process else { return }
        kill(server.process, SIGTERM)
        _ = await ProcessEnd.wait(server.process)
        // What it started and has not ended would hold the test's output open.
        _ = await ProcessEnd.wait(hadal.process)
    }

    /// `hadal restart`.
    func restart() async throws -> (status: TerminationStatus, output: String, errors: String) {
        try await HadalProcess.run(
            ["restart", "--config", directory.file("hadal.yaml"), "--data", directory.file("data")])
    }

    func configure(models: String, engine: String = "{}") throws {
        try directory.write((Self.configuration(models) + "engine: \(engine)\n").utf8, "hadal.yaml")
    }

    /// Clients keep connections; those to a server that was replaced end soon.
    private static func configuration(_ models: String) -> String {
        "models: \(models)\nserver: {idle_time: 3s}\n"
    }

    // MARK: clients

    private static let count = 16

    /// What a stream tells, without what differs from answer to answer.
    private static func told(_ answer: Serving.Answer) throws -> [JSON] {
        try answer.events.filter { $0 != "[DONE]" }.flatMap { event -> [JSON] in
            let json = try JSON(parsing: event)
            return (json["choices"]?.array ?? [])
                + [json["error"], json["usage"]?["completion_tokens"]].compactMap { $0 }
        }
    }

    /// Sixteen clients that stream.
    /// - Parameter each: called when one has its answer.
    func stories(
        of model: String = "guide", _ each: @escaping @Sendable () -> Void = {}
    ) async throws -> [[JSON]] {
        try await withThrowingTaskGroup(of: (Int, [JSON]).self) { group in
            for index in 0..<Self.count {
                let body = """
                    {"model":"\(model)","prompt":"Story \(index): ","max_tokens":\(400 + index),"stream":true,\
                    "ignore_eos":true,"seed":\(index),"temperature":\(index % 3),"logprobs":1,\
                    "stream_options":{"include_usage":true}}
                    """
                group.addTask {
                    defer { each() }
                    do { return (index, try Self.told(try await serving.post("/v1/completions", body))) } catch let
                        error
                        as HTTPClientError where error == .remoteConnectionClosed
                    {
                        // A kept connection that the old server closed in that moment: clients ask again, on a new one.
                        return (index, try Self.told(try await serving.post("/v1/completions", body)))
                    }
                }
            }
            return try await group.reduce(into: Array(repeating: [], count: Self.count)) { $0[$1.0] = $1.1 }
        }
    }

    /// Whether the worker computes answers.
    func areStreaming() async throws -> Bool {
        let metrics = try await serving.get("/metrics").body
        return metrics.contains(/hadal_engine_sequences_running\{[^}]*\} [1-9]/)
    }

    /// Asks over a new connection and over one that is kept, again and again until the flag is set.
    /// - Parameter mayBeLost: whether the server that has the connection may be killed.
    /// - Returns: how many answers there were.
    func ask(of model: String = "guide", until isOver: Flag, mayBeLost: Bool = false) async throws -> Int {
        let body = #"{"model":"\#(model)","prompt":"a","max_tokens":2}"#
        let head = """
            POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
            Content-Length: \(body.utf8.count)\r\n\r\n\(body)
            """
        var answers = 0
        repeat {
            let connection = try RawConnection(port: hadal.port)
            await connection.send(head)
            let fresh = await connection.read()
            let isFreshLost = mayBeLost && fresh.isEmpty
            #expect(isFreshLost || fresh.hasPrefix("HTTP/1.1 200"), "\(fresh.prefix(500))")
            if !isFreshLost { answers += 1 }
            do {
                let kept = try await serving.post("/v1/completions", body)
                // One that is passed on to the server that is killed.
                let isKeptLost = mayBeLost && kept.status == 503
                #expect(isKeptLost || kept.status == 200, "\(kept.body)")
                if !isKeptLost { answers += 1 }
            } catch  where mayBeLost {}
        } while !isOver.isSet
        return answers
    }

    func isRunning(_ process: Int32) -> Bool { kill(process, 0) == 0 }
}

/// A flag that several tasks hold.
final class Flag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}
