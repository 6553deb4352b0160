import HadalNVML

/// What NVIDIA's cards tell. A metric that no card tells is not there, nor is any of them where there is no card.
enum GPUMetrics {
    private static let labels = ["gpu", "uuid", "name"]

    static func write(_ cards: [GPUCard], to text: inout MetricsText) {
        func add(
            _ kind: MetricDescription.Kind = .gauge, _ name: String, _ help: String, _ further: String? = nil,
            _ values: (GPUCard) -> [(label: String, value: Double?)]
        ) {
            let samples = cards.flatMap { card in
                values(card).compactMap { label, value in
                    value.map { (LabelValues("\(card.index)", card.uuid, card.name, label), $0) }
                }
            }
            guard !samples.isEmpty else { return }
            text.add(.init(kind, "hadal_gpu_" + name, help, labels + (further.map { [$0] } ?? [])), samples)
        }
        func add(_ name: String, _ help: String, _ value: (GPUCard) -> Double?) {
            add(.gauge, name, help) { [("", value($0))] }
        }
        add("ready", "1 where the card answers its driver, else 0.") { $0.problem == nil ? 1 : 0 }
        add("use_ratio", "The part of the last moments in which a card computed, 0 to 1.") { $0.figures.use }
        add("memory_use_ratio", "The part of the last moments in which a card's memory was busy, 0 to 1.") {
            $0.figures.memoryUse
        }
        add("memory_used_bytes", "Bytes of a card's memory that are in use.") { $0.figures.memory?.used.double }
        add("memory_bytes", "Bytes of a card's memory.") { $0.figures.memory?.total.double }
        add("temperature_celsius", "A card's temperature in degrees Celsius.") { $0.figures.temperature }
        add("power_watts", "Power that a card takes in watts.") { $0.figures.power }
        add("power_limit_watts", "Power that a card may take in watts.") { $0.figures.powerLimit }
        add(.gauge, "clock_hertz", "A card's clocks in hertz.", "clock") {
            [("sm", $0.figures.clock), ("memory", $0.figures.memoryClock)]
        }
        add(.gauge, "slowed", "1 where a card computes more slowly for this reason, else 0.", "reason") { card in
            Slowdown.allCases.map { reason in
                (reason.rawValue, card.figures.slowdowns.map { $0.contains(reason) ? 1 : 0 })
            }
        }
        add(
            .gauge, "pcie_bytes_per_second", "Bytes a second over PCIe, as the card sees it, measured for 20 ms.",
            "direction"
        ) { [("received", $0.figures.receivedRate), ("sent", $0.figures.sentRate)] }
        add(
            .counter, "memory_errors_total", "ECC errors of a card's memory since its driver was loaded.", "kind"
        ) {
            [
                ("corrected", $0.figures.correctedErrors?.double),
                ("uncorrected", $0.figures.uncorrectedErrors?.double),
            ]
        }
        write(slicesOf: cards, to: &text)
    }

    /// Under names of their own, as their memory is the card's.
    private static func write(slicesOf cards: [GPUCard], to text: inout MetricsText) {
        func add(_ name: String, _ help: String, _ value: (GPUMemory) -> UInt64) {
            let samples = cards.flatMap { card in
                card.slices.compactMap { slice in
                    slice.memory.map { (LabelValues("\(card.index)", slice.uuid, slice.name), value($0).double) }
                }
            }
            guard !samples.isEmpty else { return }
            text.add(.init(.gauge, "hadal_gpu_slice_" + name, help, labels), samples)
        }
        add("memory_used_bytes", "Bytes of a MIG slice's memory that are in use.") { $0.used }
        add("memory_bytes", "Bytes of a MIG slice's memory.") { $0.total }
    }
}

extension UInt64 {
    fileprivate var double: Double { Double(self) }
}
