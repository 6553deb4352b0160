import Foundation
import HadalCUDA
import HadalNVML

/// NVIDIA's cards for `hadal doctor`: what is there, what is missing or does not fit, and how to mend it.
struct GPUSection {
    let report: GPUReport
    /// As the bus has them.
    let onBus: [PCICard]
    let mps: MPSDaemon
    /// What models can be computed with; nil where there is no card.
    let cuda: CUDAReport?
    /// Whether somebody says which library it is: then there should be one.
    let isLibraryNamed = ProcessInfo.processInfo.environment["HADAL_NVML_LIBRARY"]?.isEmpty == false

    /// A driver that nothing keeps awake takes seconds to start.
    static func examine() async -> GPUSection {
        let (report, onBus) = (await GPUMonitor(patience: .seconds(15)).report(), PCICard.all())
        let isThere = !report.cards.isEmpty || !onBus.isEmpty
        return GPUSection(report: report, onBus: onBus, mps: MPSDaemon(), cuda: isThere ? CUDAReport() : nil)
    }

    var findings: [MachineReport.Finding] {
        if report.cards.isEmpty, onBus.isEmpty {
            if case .noLibrary = report.problem, !isLibraryNamed { return [.init(name: "GPU", value: "none")] }
            return [
                .init(name: "GPU", value: report.problem?.description ?? "none", advice: report.problem?.advice)
            ]
        }
        return [driver] + report.cards.flatMap(rows) + withoutDriver + [multiProcess] + (cuda?.findings ?? [])
    }

    private var driver: MachineReport.Finding {
        if let problem = report.problem {
            return .init(
                name: "NVIDIA driver", value: problem.description,
                advice: onBus.compactMap(\.advice).first ?? problem.advice)
        }
        return .init(
            name: "NVIDIA driver",
            value:
                "\(report.driver ?? "unknown version"), runs programs for CUDA up to \(report.cuda ?? "an unknown one")"
        )
    }

    private func rows(_ card: GPUCard) -> [MachineReport.Finding] {
        let name = "GPU \(card.index)"
        guard !card.uuid.isEmpty else {
            return [.init(name: name, value: card.problem?.description ?? "unknown", advice: card.problem?.advice)]
        }
        return [
            .init(name: name, value: card.line, advice: card.advice),
            .init(name: name + " UUID", value: card.uuid, advice: "CUDA_VISIBLE_DEVICES=UUID chooses it"),
        ]
            + card.slices.map { slice in
                .init(
                    name: "\(name) slice \(slice.index)",
                    value: ([slice.uuid, slice.name] + (slice.memory.map { [$0.line] } ?? [])).joined(separator: ", "))
            }
    }

    /// Those on the bus that the driver does not list.
    private var withoutDriver: [MachineReport.Finding] {
        let listed = Set(report.cards.compactMap(\.busName))
        return onBus.filter { !listed.contains($0.bus) }.map { card in
            .init(
                name: "GPU at \(card.bus)",
                value: card.driver.map { "in the hands of the driver \($0), without figures" } ?? "without a driver",
                advice: card.advice ?? (report.problem == nil ? "`dmesg | grep NVRM` says why it did not start" : nil))
        }
    }

    private var multiProcess: MachineReport.Finding {
        guard mps.isThere else { return .init(name: "MPS", value: "its control daemon does not run") }
        let process = mps.process.map { "control daemon is process \($0), \(mps.servers) servers" }
        return .init(
            name: "MPS", value: process ?? "pipes in \(mps.directory)", advice: mps.advice)
    }
}

extension GPUMemory {
    /// `19.50 GB free of 80.00 GB`
    fileprivate var line: String { "\(byteText(Int(clamping: free))) free of \(byteText(Int(clamping: total)))" }
}

extension GPUCard {
    /// NVML writes eight digits where the kernel writes four, and large letters.
    fileprivate var busName: String? { bus.map { String($0.lowercased().suffix(12)) } }

    fileprivate var line: String {
        let power = figures.power.map { power in
            "\(Int(power))" + (figures.powerLimit.map { " of \(Int($0))" } ?? "") + " W"
        }
        let parts: [String?] = [
            name, figures.memory?.line, figures.temperature.map { "\(Int($0)) °C" }, power,
            busName.map { "at \($0)" }, isSliced == true ? "divided (MIG)" : nil,
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }

    /// What is wrong with it, all of it.
    fileprivate var advice: String? {
        if let problem { return "\(problem): \(problem.advice)" }
        var parts: [String] = []
        let faults = (figures.slowdowns ?? []).filter(\.isFault).map(\.rawValue).sorted()
        if !faults.isEmpty {
            parts.append("it slows itself down (\(faults.joined(separator: ", "))): look after its cooling and power")
        } else if let temperature = figures.temperature, temperature > 85 {
            parts.append("it is too hot: look after its cooling")
        }
        if let errors = figures.uncorrectedErrors, errors > 0 {
            parts.append(
                "\(errors) ECC errors could not be corrected: reset it; where they come again, have it replaced")
        }
        if isSliced == true, slices.isEmpty {
            parts.append(
                "it is divided, but has no slices to compute on: `sudo nvidia-smi mig -i \(index) -cgi PROFILE -C` makes "
                    + "some, `sudo nvidia-smi -i \(index) -mig 0` ends MIG")
        }
        if let isSliced, let willBeSliced, isSliced != willBeSliced {
            parts.append("MIG will be \(willBeSliced ? "on" : "off") after a reset (`sudo nvidia-smi --gpu-reset`)")
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}
