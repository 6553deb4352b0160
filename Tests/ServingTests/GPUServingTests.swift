import Foundation
import HadalGateway
import HadalJSON
import HadalNVML
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// GPUs in `/metrics` of a real gateway, and in `hadal doctor`, with a library of ours in NVIDIA's place.
@Suite(.timeLimit(.minutes(15))) struct GPUServingTests {
    private static func monitor(_ library: String, _ patience: Duration = .seconds(600)) -> GPUMonitor {
        GPUMonitor(library: library, patience: patience, freshness: .zero)
    }

    private static let labels = #"gpu="0",uuid="GPU-00000000-0000-0000-0000-00000000000a",name="Fake H100""#
    private static let plain = #"gpu="1",uuid="GPU-00000000-0000-0000-0000-00000000000b",name="Fake \"1030\"""#

    @Test func figuresOfCardsAreInTheMetrics() async throws {
        let fake = try FakeNVML()
        let gpus = Self.monitor(fake.path)
        try await Serving.run(configure: { $0.gpus = gpus }) { serving in
            let scrape = try await serving.get("/metrics")
            for (name, value) in [
                ("ready", 1), ("use_ratio", 0.93), ("memory_use_ratio", 0.41), ("memory_used_bytes", 6e10),
                ("memory_bytes", 8e10), ("temperature_celsius", 71), ("power_watts", 612.345),
                ("power_limit_watts", 700),
            ] {
                #expect(scrape.value("hadal_gpu_\(name){\(Self.labels)}") == value, "\(name)")
            }
            #expect(scrape.value("hadal_gpu_clock_hertz{\(Self.labels),clock=\"sm\"}") == 1.98e9)
            for (reason, value) in [("hw_thermal_slowdown", 1.0), ("hw_power_brake_slowdown", 0)] {
                #expect(scrape.value("hadal_gpu_slowed{\(Self.labels),reason=\"\(reason)\"}") == value)
            }
            #expect(
                scrape.value("hadal_gpu_pcie_bytes_per_second{\(Self.labels),direction=\"received\"}") == 25_000_000)
            #expect(scrape.value("hadal_gpu_memory_errors_total{\(Self.labels),kind=\"uncorrected\"}") == 2)
            // What a card does not tell is not there, and is not 0.
            #expect(scrape.value("hadal_gpu_temperature_celsius{\(Self.plain)}") == 86)
            #expect(scrape.value("hadal_gpu_use_ratio{\(Self.plain)}") == nil)
            #expect(!scrape.body.contains("hadal_gpu_slice"))
            let checked = try await PrometheusTests.check(metrics: scrape.body)
            #expect(checked.isFine && checked.text.isEmpty, "\(checked.text)")

            try fake.set("sliced0")
            try fake.set("lost1")
            let sliced = try await serving.get("/metrics")
            let slice = #"gpu="0",uuid="MIG-00000000-0000-0000-0000-000000000003",name="Fake H100 MIG 1g.10gb""#
            #expect(sliced.value("hadal_gpu_slice_memory_used_bytes{\(slice)}") == 1e9)
            #expect(sliced.value("hadal_gpu_slice_memory_bytes{\(slice)}") == 1e10)
            #expect(sliced.value("hadal_gpu_ready{\(Self.plain)}") == 0)
            #expect(sliced.value("hadal_gpu_temperature_celsius{\(Self.plain)}") == nil)
        }
    }

    @Test func withoutALibraryNothingIsTold() async throws {
        let gpus = Self.monitor("/nowhere/libnvidia-ml.so.1")
        try await Serving.run(configure: { $0.gpus = gpus }) { serving in
            let scrape = try await serving.get("/metrics")
            #expect(scrape.status == 200 && !scrape.body.contains("hadal_gpu"))
        }
    }

    @Test func aDriverThatHangsHoldsUpNoScrape() async throws {
        let fake = try FakeNVML()
        let gpus = Self.monitor(fake.path, .milliseconds(200))
        while await gpus.report().problem != nil { await Task.yield() }
        fake.hang()
        defer { fake.goOn() }
        try await Serving.run(configure: { $0.gpus = gpus }) { serving in
            for _ in 0..<3 {
                let scrape = try await serving.get("/metrics")
                #expect(scrape.value("hadal_gpu_ready{\(Self.labels)}") == 0)
                #expect(!scrape.body.contains("hadal_gpu_temperature_celsius"))
                #expect(scrape.value("hadal_worker_ready{model=\"scripted\"}") == 1)
            }
        }
    }

    // MARK: hadal doctor

    private static func doctor(_ fake: FakeNVML, _ arguments: [String] = []) async throws -> String {
        let result = try await Subprocess.run(
            .path(.init(HadalProcess.executable)), arguments: .init(["doctor"] + arguments),
            environment: .inherit.updating(["HADAL_NVML_LIBRARY": fake.path, "CUDA_MPS_PIPE_DIRECTORY": "/nowhere"]),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
        try #require(result.terminationStatus == .exited(0), "\(result.standardError)")
        return result.standardOutput
    }

    @Test func doctorNamesCardsDriverAndSlices() async throws {
        let fake = try FakeNVML()
        try fake.set("sliced0")
        let found = try JSON(parsing: try await Self.doctor(fake, ["--json"]))["gpu"]
        #expect(
            found?["driver"] == "550.54.15" && found?["cuda"] == "12.4"
                && found?["computing"]?["cache_directory"]?.string != nil)
        let card = found?["cards"]?[0]
        #expect(card?["name"] == "Fake H100" && card?["mig"] == true && card?["problem"]?.isNull == true)
        #expect(card?["memory"]?["free_bytes"] == 19_500_000_000 && card?["use_ratio"] == nil)
        #expect(card?["slices"]?[1]?["uuid"] == "MIG-00000000-0000-0000-0000-000000000003")
        #expect(found?["mps"]?["pipe_directory"] == "/nowhere" && found?["mps"]?["has_pipe"] == false)
    }

    @Test func doctorSaysWhatIsWrongAndWhatToDo() async throws {
        let fake = try FakeNVML()
        try fake.set("lost1")
        let lost = try await Self.doctor(fake)
        #expect(lost.contains("the card has fallen off the bus") && lost.contains("dmesg | grep Xid"), "\(lost)")
        #expect(lost.contains("hw_thermal_slowdown") && lost.contains("CUDA driver"), "\(lost)")
        try fake.set("init", "18")
        let mismatch = try await Self.doctor(fake)
        #expect(mismatch.contains("library is of version 550.54.15") && mismatch.contains("restart the machine"))
    }
}
