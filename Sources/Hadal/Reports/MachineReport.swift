import Foundation
import HadalCompute
import HadalEngine
import HadalJSON
import HadalTerminal

/// What `hadal doctor` found, each with advice where something could be better.
struct MachineReport {
    struct Finding {
        var name: String
        var value: String
        var advice: String?
    }

    let findings: [Finding]
    let probe: MachineProbe
    let gpu: GPUSection

    static func examine() async throws -> MachineReport {
        let gpu = await GPUSection.examine()
        let probe = try MachineProbe.measure()
        return MachineReport(
            findings: processor(probe) + memory(probe) + peaks(probe) + disks() + gpu.findings, probe: probe, gpu: gpu)
    }

    private static func processor(_ probe: MachineProbe) -> [Finding] {
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let name = info.split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        let best = probe.instructionSets.last!
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return [
            Finding(name: "processor", value: name ?? "unknown"),
            Finding(
                name: "cores", value: "\(cores), \(probe.threads) used",
                advice: probe.threads < cores ? "HADAL_THREADS leaves \(cores - probe.threads) idle" : nil),
            Finding(
                name: "instructions",
                value: probe.instructionSets.map(\.rawValue).joined(separator: ", ")
                    + (probe.hasBFloat16 ? ", bf16" : ""),
                advice: best == .scalar
                    ? "without AVX2 or NEON dot products expect a small fraction of the usual speed"
                    : best == .avx2 ? "AVX-512 with VNNI would prefill several times faster" : nil),
        ]
    }

    private static func memory(_ probe: MachineProbe) -> [Finding] {
        let (free, total) = (MemoryStatus.available, MemoryStatus.total)
        return [
            Finding(
                name: "memory", value: "\(byteText(free)) free of \(byteText(total))",
                advice: free < total / 4 ? "little is free: large models will not fit beside what runs now" : nil),
            Finding(
                name: "memory bandwidth",
                value:
                    "\(byteText(Int(probe.readBandwidth)))/s (one thread \(byteText(Int(probe.readBandwidthSingle)))/s)",
                advice: "a dense model decodes at most bandwidth ÷ its size: "
                    + String(format: "%.0f tokens/s for 1 GB", probe.readBandwidth / 1e9)),
        ]
    }

    private static func peaks(_ probe: MachineProbe) -> [Finding] {
        [
            Finding(name: "int8 peak", value: String(format: "%.2f TOPS", probe.int8Peak / 1e12)),
            Finding(name: "float32 peak", value: String(format: "%.2f TFLOPS", probe.float32Peak / 1e12)),
            Finding(
                name: "bfloat16 dot products",
                value: probe.hasBFloat16 ? "there, not used yet" : "not on this processor"),
        ]
    }

    private static func disks() -> [Finding] {
        let place = FileManager.default.currentDirectoryPath
        guard let values = try? FileManager.default.attributesOfFileSystem(forPath: place),
            let free = values[.systemFreeSize] as? Int, let size = values[.systemSize] as? Int
        else { return [] }
        return [
            Finding(
                name: "disk", value: "\(byteText(free)) free of \(byteText(size)) at \(place)",
                advice: free < 20_000_000_000 ? "little room for models" : nil)
        ]
    }

    var text: String {
        Table(header: ["what", "found", "advice"], rows: findings.map { [$0.name, $0.value, $0.advice ?? ""] }).text
    }

    var json: JSON {
        .object(
            .init([
                ("threads", .int(Int64(probe.threads))),
                ("instruction_sets", .array(probe.instructionSets.map { .string($0.rawValue) })),
                ("read_bytes_per_second", .double(probe.readBandwidth)),
                ("read_bytes_per_second_one_thread", .double(probe.readBandwidthSingle)),
                ("int8_operations_per_second", .double(probe.int8Peak)),
                ("float32_operations_per_second", .double(probe.float32Peak)),
                ("gpu", gpu.json),
                (
                    "findings",
                    .array(
                        findings.map {
                            .object(
                                .init([
                                    ("name", .string($0.name)), ("value", .string($0.value)),
                                    ("advice", $0.advice.map(JSON.string) ?? .null),
                                ]))
                        })
                ),
            ]))
    }
}
