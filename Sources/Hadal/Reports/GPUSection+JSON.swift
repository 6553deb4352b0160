import HadalJSON
import HadalNVML

extension GPUSection {
    /// Figures that a card does not tell are not there.
    var json: JSON {
        [
            "driver": report.driver.map(JSON.string) ?? .null, "cuda": report.cuda.map(JSON.string) ?? .null,
            "problem": report.problem?.json ?? .null, "computing": cuda?.json ?? .null,
            "cards": .array(report.cards.map(\.json)),
            "on_bus": .array(
                onBus.map { ["bus": .string($0.bus), "driver": $0.driver.map(JSON.string) ?? .null] }),
            "mps": [
                "process": mps.process.map { .int(Int64($0)) } ?? .null, "servers": .int(Int64(mps.servers)),
                "pipe_directory": .string(mps.directory), "has_pipe": .bool(mps.hasPipe),
                "advice": mps.advice.map(JSON.string) ?? .null,
            ],
        ]
    }
}

extension NVMLError {
    fileprivate var json: JSON { ["text": .string(description), "advice": .string(advice)] }
}

extension GPUCard {
    fileprivate var json: JSON {
        let figures = figures
        return .compact([
            ("index", .int(Int64(index))), ("uuid", .string(uuid)), ("name", .string(name)),
            ("bus", bus.map(JSON.string)), ("problem", problem?.json ?? .null),
            ("use_ratio", figures.use.map(JSON.double)), ("memory_use_ratio", figures.memoryUse.map(JSON.double)),
            ("memory", figures.memory?.json), ("temperature_celsius", figures.temperature.map(JSON.double)),
            ("power_watts", figures.power.map(JSON.double)),
            ("power_limit_watts", figures.powerLimit.map(JSON.double)),
            ("clock_hertz", figures.clock.map(JSON.double)),
            ("memory_clock_hertz", figures.memoryClock.map(JSON.double)),
            ("slowed_by", figures.slowdowns.map { .array($0.map(\.rawValue).sorted().map(JSON.string)) }),
            ("received_bytes_per_second", figures.receivedRate.map(JSON.double)),
            ("sent_bytes_per_second", figures.sentRate.map(JSON.double)),
            ("corrected_errors", figures.correctedErrors.map { .int(Int64(clamping: $0)) }),
            ("uncorrected_errors", figures.uncorrectedErrors.map { .int(Int64(clamping: $0)) }),
            ("mig", isSliced.map(JSON.bool)), ("mig_after_reset", willBeSliced.map(JSON.bool)),
            (
                "slices",
                .array(
                    slices.map { slice in
                        .compact([
                            ("index", .int(Int64(slice.index))), ("uuid", .string(slice.uuid)),
                            ("name", .string(slice.name)), ("memory", slice.memory?.json),
                        ])
                    })
            ),
        ])
    }
}

extension GPUMemory {
    fileprivate var json: JSON {
        [
            "total_bytes": .int(Int64(clamping: total)), "free_bytes": .int(Int64(clamping: free)),
            "used_bytes": .int(Int64(clamping: used)),
        ]
    }
}
