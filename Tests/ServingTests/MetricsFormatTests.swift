import Foundation
import HadalCertificates
import HadalDashboards
import HadalHTTP
import HadalJSON
import HadalNVML
import HadalReleases
import Logging
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import HadalAudit
@testable import HadalGateway

/// Counts, their bounds, and the text that tells of them.
@Suite(.timeLimit(.minutes(15))) struct MetricsFormatTests {
    /// What Prometheus' own parser understands: families by their names, counters without `_total`.
    /// - Parameter format: whose parser; OpenMetrics' is strict about everything.
    private static func parsed(
        _ text: String, _ format: MetricsText.Format = .prometheus
    ) async throws -> [String: JSON] {
        let script = SharedData.repository.appendingPathComponent("Tests/ServingTests/metrics_parser.py").path
        try #require(
            FileManager.default.isExecutableFile(atPath: PythonClient.interpreter), "run `make setup` first")
        let result = try await Subprocess.run(
            .path(.init(PythonClient.interpreter)),
            arguments: .init([script] + (format == .openMetrics ? ["openmetrics"] : [])), input: standardInput(text),
            output: .string(limit: 1 << 22), error: .string(limit: 1 << 16))
        try #require(result.terminationStatus == .exited(0), "\(result.standardError)\n\(text)")
        let families = try result.standardOutput.split(separator: "\n").map { try JSON(parsing: String($0)) }
        return Dictionary(families.map { ($0["name"]?.string ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: the text

    @Test func whatStandsInLabelsComesThroughWhateverItIs() async throws {
        let name = "a \"b\" \\ c\\n\nd, {e}=租户"
        let family = CounterFamily("tried_total", "How \"often\", a \\ and\na line.", ["tenant", "kind"])
        family.count(LabelValues(name, ""), 3)
        var text = MetricsText()
        family.write(to: &text)
        let tried = try #require(try await Self.parsed(text.text)["tried"])
        #expect(tried["type"] == "counter")
        #expect(tried["help"] == "How \"often\", a \\ and\na line.")
        let sample = tried["samples"]?[0]
        #expect(sample?["labels"]?["tenant"]?.string == name && sample?["value"]?.double == 3)
    }

    @Test func bucketsCountAllThatIsBelowTheirBound() {
        let family = HistogramFamily("took_seconds", "Seconds.", ["model"], bounds: [0.001, 0.5, 1])
        for seconds in [0.0005, 0.001, 0.25, 1, 8, .nan, .infinity, -1] { family.note(seconds, LabelValues("m")) }
        var text = MetricsText()
        family.write(to: &text)
        #expect(
            text.text == """
                # HELP took_seconds Seconds.
                # TYPE took_seconds histogram
                took_seconds_bucket{model="m",le="0.001"} 2
                took_seconds_bucket{model="m",le="0.5"} 3
                took_seconds_bucket{model="m",le="1"} 4
                took_seconds_bucket{model="m",le="+Inf"} 5
                took_seconds_sum{model="m"} 9.2515
                took_seconds_count{model="m"} 5

                """)
    }

    @Test func openMetricsHasExamplesAndIsUnderstood() async throws {
        let family = HistogramFamily(
            "took_seconds", "Seconds, \"really\".", ["model"], bounds: [0.5, 1], other: "vllm:took_seconds")
        family.note(0.25, LabelValues("m"), request: "chat-1")
        family.note(0.5, LabelValues("m"), request: "chat-2")
        family.note([0.75, 8], LabelValues("m"))
        let counter = CounterFamily("tried_total", "Tries.")
        counter.count()
        var text = MetricsText(.openMetrics)
        family.write(to: &text)
        counter.write(to: &text)
        text.end()
        let families = try await Self.parsed(text.text, .openMetrics)
        #expect(families["tried"]?["type"] == "counter")
        for (name, label) in [("took_seconds", "model"), ("vllm:took_seconds", "model_name")] {
            let first = try #require(families[name]?["samples"]?[0])
            #expect(first["labels"]?[label] == "m" && first["labels"]?["le"] == "0.5" && first["value"] == 2)
            #expect(first["exemplar"]?["labels"]?["request_id"] == "chat-2" && first["exemplar"]?["value"] == 0.5)
            #expect(families[name]?["samples"]?[1]?["exemplar"]?.isNull == true)
        }
    }

    /// A percentile that is read from the buckets is within a quarter of what it was.
    @Test func boundsAreFineEnough() {
        for (low, high) in zip(HistogramFamily.fine, HistogramFamily.fine.dropFirst()) {
            #expect(high > low && high / low < 1.34)
        }
        #expect(HistogramFamily.fine.first == 0.001 && HistogramFamily.fine.last == 600)
    }

    // MARK: counting

    @Test func pastTheLimitNewTenantsAreCountedTogether() {
        let family = CounterFamily("tried_total", "Tries.", ["tenant", "kind"], limit: 10)
        for number in 0..<1000 { family.count(LabelValues("tenant\(number)", number % 2 == 0 ? "even" : "odd")) }
        family.count(LabelValues("tenant3", "odd"))
        var text = MetricsText()
        family.write(to: &text)
        let lines = text.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count == 12)
        #expect(lines.contains(#"tried_total{tenant="tenant3",kind="odd"} 2"#))
        #expect(lines.contains(#"tried_total{tenant="other",kind="even"} 495"#))
        #expect(lines.contains(#"tried_total{tenant="other",kind="odd"} 495"#))
    }

    @Test func noCountIsLostBetweenThreads() async {
        let family = CounterFamily("tried_total", "Tries.", ["tenant"])
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { for _ in 0..<5000 { family.count(LabelValues("tenant\(task % 2)")) } }
            }
        }
        var text = MetricsText()
        family.write(to: &text)
        #expect(text.text.hasSuffix("tried_total{tenant=\"tenant0\"} 20000\ntried_total{tenant=\"tenant1\"} 20000\n"))
    }

    @Test func aProcesssFiguresAreFoundBehindANameWithBrackets() throws {
        let line =
            "7 (a) b (c) S 1 7 7 0 -1 4194560 9 0 0 0 250 50 0 0 20 0 4 0 3000 104857600 512 18446744073709551615\n"
        let figures = try #require(
            ProcessFigures(
                process: line, system: "cpu 1 2\nbtime 1000000\n", ticksPerSecond: 100, pageBytes: 4096))
        #expect(figures.processorSeconds == 3 && figures.residentBytes == 2_097_152)
        #expect(figures.startTime == 1_000_030)
        #expect(ProcessFigures(process: "7 (a) S 1", system: "", ticksPerSecond: 100, pageBytes: 4096) == nil)
    }

    // MARK: all there is

    private struct SafeBackup: BackupKeeper {
        let status = JSON.null
        let safeUntil: Double? = 1000
        let failures = 3
        func backUp() async throws -> JSON { status }
        func giveAway() {}
        func run() async throws {}
    }

    private struct DamagedStore: StoreKeeper {
        let verifiedUntil: Double? = nil
        let damagedFiles = 2
        let replicas: ReplicaFigures? = ReplicaFigures(
            verifiedUntil: 2000, damagedFiles: 1, placesAway: 1, shortModels: 0)
        func run() async throws {}
    }

    /// A card that tells everything, and a slice of it.
    private static var card: GPUCard {
        var card = GPUCard(index: 0, uuid: "GPU-a", name: "H100")
        (card.figures.use, card.figures.memoryUse) = (0.5, 0.25)
        card.figures.memory = GPUMemory(used: 60, free: 20, total: 80)
        (card.figures.temperature, card.figures.power, card.figures.powerLimit) = (71, 612.5, 700)
        (card.figures.clock, card.figures.memoryClock, card.figures.slowdowns) = (2e9, 2.5e9, [.thermal])
        (card.figures.receivedRate, card.figures.sentRate) = (1000, 2000)
        (card.figures.correctedErrors, card.figures.uncorrectedErrors) = (3, 0)
        card.slices = [
            GPUSlice(
                index: 0, uuid: "MIG-a", name: "H100 MIG 1g.10gb", memory: GPUMemory(used: 1, free: 9, total: 10))
        ]
        return card
    }

    /// A scrape in which no source is missing.
    private static func everything(_ format: MetricsText.Format = .prometheus) async throws -> String {
        let temporary = try TemporaryDirectory()
        defer { withExtendedLifetime(temporary) {} }
        let certificates = CertificateDirectory(temporary.file("certificates"))
        let keeper = try CertificateKeeper(
            ServerTLS(.automatic(certificates, names: [])),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        var audit = AuditStatus()
        audit.sequence = 12
        audit.lost = 2
        audit.failure = .noSpace(path: "audit", available: 0, needed: 1)
        let status = audit
        return await GatewayMetrics(
            MetricsSources(
                version: "1.2", gate: RequestGate(limit: 1), audit: { status }, backup: SafeBackup(),
                store: DamagedStore(),
                workers: ServedWorkers(all: []), shares: { [(VersionName("chat", 2), 0.25)] },
                directories: [("data", temporary.path), ("models", temporary.file("not-there"))],
                gpus: {
                    var report = GPUReport()
                    report.cards = [Self.card]
                    return report
                },
                clientCertificate: { keeper.status }, workerCertificate: { keeper.status })
        ).text(format)
    }

    @Test func prometheusUnderstandsAllOfIt() async throws {
        let families = try await Self.parsed(try await Self.everything())
        func value(_ family: String, _ index: Int = 0) -> Double? {
            families[family]?["samples"]?[index]?["value"]?.double
        }
        #expect(families["hadal_build_info"]?["samples"]?[0]?["labels"]?["version"] == "1.2")
        #expect(value("hadal_audit_records") == 12 && value("hadal_audit_lost") == 2)
        #expect(value("hadal_audit_failing") == 1)
        #expect(value("hadal_backup_safe_until_seconds") == 1000 && value("hadal_backup_failures") == 3)
        #expect(value("hadal_store_verified_until_seconds") == 0 && value("hadal_store_damaged_files") == 2)
        #expect(value("hadal_release_share_ratio") == 0.25)
        #expect(try #require(value("hadal_disk_free_bytes")) > 0)
        #expect(value("hadal_disk_free_bytes", 1) == nil)
        #expect(value("hadal_gpu_ready") == 1 && value("hadal_gpu_use_ratio") == 0.5)
        let slowed = families["hadal_gpu_slowed"]?["samples"]?.array ?? []
        #expect(slowed.count == Slowdown.allCases.count)
        #expect(
            slowed.filter { $0["value"] == 1 }.map { $0["labels"]?["reason"] } == ["sw_thermal_slowdown"])
        #expect(families["hadal_gpu_slice_memory_bytes"]?["samples"]?[0]?["labels"]?["uuid"] == "MIG-a")
        let now = Date().timeIntervalSince1970
        for use in 0...1 { #expect(try #require(value("hadal_certificate_not_after_seconds", use)) > now) }
        #expect(try #require(value("process_resident_memory_bytes")) > 1_048_576)
        #expect(try #require(value("process_start_time_seconds")) < now)
        #expect(try #require(value("process_open_fds")) > 2)
    }

    @Test func openMetricsParsersUnderstandAllOfIt() async throws {
        let families = try await Self.parsed(try await Self.everything(.openMetrics), .openMetrics)
        #expect(families["hadal_audit_lost"]?["samples"]?[0]?["name"] == "hadal_audit_lost_total")
        #expect(families.count > 60)
    }

    /// Names of metrics in a text, without what a histogram's series have behind it.
    private static func names(_ text: String) -> Set<String> {
        Set(
            text.matches(of: /\b(hadal_|process_|vllm:)[a-z0-9_]+[a-z]/).map { match in
                let suffix = ["_bucket", "_sum", "_count"].first { match.output.0.hasSuffix($0) }
                return String(match.output.0.dropLast(suffix?.count ?? 0))
            })
    }

    private static func file(_ path: String) throws -> String {
        try String(contentsOf: SharedData.repository.appendingPathComponent(path), encoding: .utf8)
    }

    @Test func everyMetricIsDescribedAndNoOther() async throws {
        let lines = try await Self.everything().split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
        let told = Set(lines.map { String($0.split(separator: " ")[2]) })
        let rows = try Self.file("docs/metrics.md").split(separator: "\n").filter { $0.hasPrefix("| `") }
        let described = Set(rows.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) })
        #expect(told == described)
    }

    private static let deployed = Dashboard.all.map { "Deploy/grafana/\($0.name).json" }

    @Test func dashboardsAreThoseThatAreGenerated() throws {
        for (dashboard, path) in zip(Dashboard.all, Self.deployed) {
            #expect(try Self.file(path) == dashboard.json.text + "\n", "hadal metrics dashboards --to Deploy/grafana")
        }
    }

    @Test(arguments: deployed + ["Deploy/alerts.yml"])
    func whatIsDeployedAsksForMetricsThatExist(path: String) async throws {
        let text = try Self.file(path)
        let asked = Self.names(text)
        #expect(asked.count > 5)
        let told = Self.names(try await Self.everything())
        #expect(asked.subtracting(told) == [])
        if path.hasSuffix(".json") { #expect(try JSON(parsing: text)["panels"]?.array?.isEmpty == false) }
    }
}
