import HadalCompute
import HadalModels

/// How many replicas of what size carry a load with one format of weights.
struct Sizing {
    private let weights: ModelWeights
    private let hardware: Hardware
    private let load: Load
    private let settings: PlanSettings
    private let weightBytes: Int
    /// Of one conversation.
    private let cacheBytes: Int

    init(_ weights: ModelWeights, on hardware: Hardware, load: Load, settings: PlanSettings, predicts: Bool) {
        self.weights = weights
        self.hardware = hardware
        self.load = load
        self.settings = settings
        weightBytes = weights.residentBytes(onProcessor: hardware.kind == .processor, predicts: predicts)
        cacheBytes = weights.shape.cacheBytes(
            positions: load.context, format: settings.cacheFormat, predicts: predicts)
    }

    struct Fit {
        var replica: Replica
        var replicas: Int
    }

    /// The fewest machines or accelerators in all. More together read faster but bring less each, so every number is
    /// tried.
    func smallest() -> Result<Fit, Misfit> {
        var best: Fit?
        var misfit: Misfit?
        // Beyond 16 a model is divided among machines, which is another art.
        for devices in hardware.kind == .processor ? [1] : [1, 2, 4, 8, 16] {
            switch fit(devices) {
            case .success(let fit):
                let cards = fit.replicas * devices
                if best.map({ cards < $0.replicas * $0.replica.devices }) ?? true { best = fit }
            case .failure(let reason): misfit = reason
            }
        }
        return best.map { .success($0) } ?? .failure(misfit!)
    }

    private func fit(_ devices: Int) -> Result<Fit, Misfit> {
        let machine = hardware.joined(devices)
        let roofline = Roofline(weights, machine, cacheFormat: settings.cacheFormat)
        let least = memory(batch: 1)
        guard least.total <= machine.usableMemory else {
            return .failure(.memory(need: least, usable: machine.usableMemory, devices: devices))
        }
        let prompt = roofline.prefill(
            tokens: load.promptTokens, after: load.context - load.promptTokens - load.answerTokens,
            rowsMax: settings.stepTokens)
        /// While an answer is made, those beside it are, and the prompts that come after them.
        func latency(_ batch: Int) -> Double {
            Double(batch) * prompt
                + Double(load.answerTokens) * roofline.decode(batch: batch, length: load.context).seconds
        }
        guard latency(1) <= load.latencyMax else {
            return .failure(.latency(need: least, seconds: latency(1), allowed: load.latencyMax))
        }
        let batches = (1...settings.batchMax(of: hardware.kind)).lazy
            .map { (size: $0, latency: latency($0)) }
            .prefix { memory(batch: $0.size).total <= machine.usableMemory && $0.latency <= load.latencyMax }
            .map { (size: $0.size, latency: $0.latency, answersPerMinute: 60 * Double($0.size) / $0.latency) }
        let all = Array(batches)
        let capacity = all.map(\.answersPerMinute).max()!
        let replicas = max(1, Int((load.answersPerMinute / (capacity * Efficiency.utilization)).rounded(.up)))
        let share = load.answersPerMinute / Double(replicas) / Efficiency.utilization
        // The last, where the share is the capacity but for rounding.
        let batch = all.first { $0.answersPerMinute >= share } ?? all.last!
        let alone = roofline.decode(batch: 1, length: load.context).seconds
        return .success(
            Fit(
                replica: Replica(
                    devices: devices, batch: batch.size, memory: memory(batch: batch.size), latency: batch.latency,
                    firstToken: prompt + alone, decodeAlone: 1 / alone,
                    decodeTogether: Double(batch.size)
                        / roofline.decode(batch: batch.size, length: load.context).seconds,
                    prefill: Double(load.promptTokens) / prompt, capacity: capacity),
                replicas: replicas))
    }

    private func memory(batch: Int) -> MemoryNeed {
        MemoryNeed(
            weights: weightBytes, cache: batch * cacheBytes,
            activations: 4 * weights.shape.scratchNumbers(rows: settings.stepTokens, drawn: batch),
            program: MemoryNeed.programBytes)
    }
}
