import Foundation
import HadalJSON
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import HadalGateway

/// What a real Prometheus, Debian's, makes of the server's figures.
@Suite(.timeLimit(.minutes(15))) struct PrometheusTests {
    private static let tools = "/usr/bin/"

    private static func tool(_ name: String, _ arguments: [String], _ input: String = "") async throws -> (
        isFine: Bool, text: String
    ) {
        try #require(FileManager.default.isExecutableFile(atPath: tools + name), "run `make setup` first")
        let result = try await Subprocess.run(
            .path(.init(tools + name)), arguments: .init(arguments), input: .string(input),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20))
        return (result.terminationStatus == .exited(0), result.standardOutput + result.standardError)
    }

    /// But for vLLM's names, at whose colon it frowns.
    static func check(metrics text: String) async throws -> (isFine: Bool, text: String) {
        let own = text.split(separator: "\n").filter { !$0.contains("vllm:") }.joined(separator: "\n") + "\n"
        return try await tool("promtool", ["check", "metrics"], own)
    }

    @Test func promtoolFindsNothingToCorrect() async throws {
        let text = try await Serving.run { serving in
            _ = try await serving.chat("")
            return try await serving.get("/metrics").body
        }
        let checked = try await Self.check(metrics: text)
        #expect(checked.isFine && checked.text.isEmpty, "\(checked.text)")
    }

    @Test func promtoolLikesTheRules() async throws {
        let rules = SharedData.repository.appendingPathComponent("Deploy/alerts.yml").path
        let checked = try await Self.tool("promtool", ["check", "rules", rules])
        #expect(checked.isFine, "\(checked.text)")
    }

    @Test func aRealPrometheusReadsThem() async throws {
        let directory = try TemporaryDirectory()
        try await Serving.run { serving in
            _ = try await serving.chat("")
            let config = try directory.write(
                """
                global: {scrape_interval: 1s}
                scrape_configs:
                  - job_name: hadal
                    static_configs: [{targets: ['127.0.0.1:\(serving.port)']}]
                """.utf8, "prometheus.yml")
            let port = try Self.freePort()
            var platform = PlatformOptions()
            platform.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(10))]
            try #require(
                FileManager.default.isExecutableFile(atPath: Self.tools + "prometheus"), "run `make setup` first")
            _ = try await Subprocess.run(
                .path(.init(Self.tools + "prometheus")),
                arguments: .init([
                    "--config.file=\(config)", "--storage.tsdb.path=\(directory.file("data"))",
                    "--web.listen-address=127.0.0.1:\(port)", "--enable-feature=exemplar-storage", "--log.level=error",
                ]), platformOptions: platform, input: .none, output: .discarded, error: .discarded
            ) { execution in
                let prometheus = Serving(port: port, socket: "")
                // Until it listens, and again where it is late; the suite's time limit ends a wait in vain.
                func ask(_ path: String) async throws -> JSON {
                    while true {
                        try Task.checkCancellation()
                        guard let answer = try? await prometheus.get(path), answer.status == 200 else { continue }
                        if let data = try JSON(parsing: answer.body)["data"] { return data }
                    }
                }
                while try await ask("/api/v1/query?query=hadal_generations_total")["result"]?[0] == nil {}
                let target = try await ask("/api/v1/targets")["activeTargets"]?[0]
                #expect(target?["health"] == "up" && target?["lastError"] == "")
                for query in ["hadal_time_to_first_token_seconds_bucket", "vllm:time_to_first_token_seconds_count"] {
                    // All series at once compress so well that the client takes them for an attack.
                    let found = try await ask("/api/v1/query?query=count(\(query))")
                    #expect(found["result"]?[0] != nil, "\(query): \(found)")
                }
                // It asked for OpenMetrics, so the request is known that fell into a bucket.
                let exemplars = try await ask(
                    "/api/v1/query_exemplars?query=hadal_generation_seconds_bucket&start=0&end=4000000000")
                #expect(exemplars[0]?["exemplars"]?[0]?["labels"]?["request_id"]?.string?.isEmpty == false)
                try? execution.send(signal: .terminate)
            }
        }
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, size) == 0 && getsockname(descriptor, pointer, &size) == 0
            }
        }
        try #require(port)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
