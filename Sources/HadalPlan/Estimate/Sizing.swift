import HadalCheckpoint
import HadalCompute
import HadalModels

/// How many replicas of what size carry a load with one format of weights.
struct Sizing {
    private let weights: ModelWeights
    private let hardware: Hardware
    private let load: Load
    private let settings: PlanSettings
    private let weightBytes: Int
    /// Of them, routed experts, as they are on the hardware and on the processor beside it.
    private let expertBytes: (own: Int, beside: Int)
    /// Of one conversation.
    private let cacheBytes: Int

    init(_ weights: ModelWeights, on hardware: Hardware, load: Load, settings: PlanSettings, predicts: Bool) {
        self.weights = weights
        self.hardware = hardware
        self.load = load
        self.settings = settings
        weightBytes = weights.residentBytes(onProcessor: hardware.kind == .processor, predicts: predicts)
        func experts(onProcessor: Bool) -> Int {
            weights.tensors.filter { PackRecipe.isExpert($0.name) && (predicts || $0.role != .prediction) }.reduce(0) {
                $0 + weights.bytes(of: $1, onProcessor: onProcessor)
            }
        }
        expertBytes = (experts(onProcessor: hardware.kind == .processor), experts(onProcessor: true))
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
        let isOne = hardware.kind == .processor || settings.beside != nil
        for devices in isOne ? [1] : [1, 2, 4, 8, 16] {
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
        let own = Roofline(weights, machine, cacheFormat: settings.cacheFormat)
        let least = memory(batch: 1)
        guard least.total <= machine.usableMemory else {
            return .failure(.memory(need: least, usable: machine.usableMemory, devices: devices))
        }
        if let beside = settings.beside, least.beside > beside.usableMemory {
            return .failure(.besides(need: least, usable: beside.usableMemory))
        }
        let beside = settings.beside.map { Roofline(weights, $0, cacheFormat: settings.cacheFormat) }
        func roofline(_ batch: Int) -> Roofline {
            beside.map { own.sharing(shareBeside(batch: batch), with: $0) } ?? own
        }
        func prompt(_ batch: Int) -> Double {
            roofline(batch).prefill(
                tokens: load.promptTokens, after: load.context - load.promptTokens - load.answerTokens,
                rowsMax: settings.stepTokens)
        }
        let promptOfOne = prompt(1)
        /// While an answer is made, those beside it are, and the prompts that come after them.
        func latency(_ batch: Int) -> Double {
            Double(batch) * (beside == nil ? promptOfOne : prompt(batch))
                + Double(load.answerTokens) * roofline(batch).decode(batch: batch, length: load.context).seconds
        }
        guard latency(1) <= load.latencyMax else {
            return .failure(.latency(need: least, seconds: latency(1), allowed: load.latencyMax))
        }
        let batches = (1...settings.batchMax(of: hardware.kind)).lazy
            .map { (size: $0, latency: latency($0)) }
            .prefix { fits(batch: $0.size, machine) && $0.latency <= load.latencyMax }
            .map { (size: $0.size, latency: $0.latency, answersPerMinute: 60 * Double($0.size) / $0.latency) }
        let all = Array(batches)
        let capacity = all.map(\.answersPerMinute).max()!
        let replicas = max(1, Int((load.answersPerMinute / (capacity * Efficiency.utilization)).rounded(.up)))
        let share = load.answersPerMinute / Double(replicas) / Efficiency.utilization
        // The last, where the share is the capacity but for rounding.
        let batch = all.first { $0.answersPerMinute >= share } ?? all.last!
        let chosen = roofline(batch.size)
        let alone = chosen.decode(batch: 1, length: load.context).seconds
        let promptAlone = prompt(batch.size)
        return .success(
            Fit(
                replica: Replica(
                    devices: devices, batch: batch.size, memory: memory(batch: batch.size), latency: batch.latency,
                    firstToken: promptAlone + alone, decodeAlone: 1 / alone,
                    decodeTogether: Double(batch.size)
                        / chosen.decode(batch: batch.size, length: load.context).seconds,
                    prefill: Double(load.promptTokens) / promptAlone, capacity: capacity),
                replicas: replicas))
    }

    private func fits(batch: Int, _ machine: Hardware) -> Bool {
        let need = memory(batch: batch)
        return need.total <= machine.usableMemory && need.beside <= settings.beside?.usableMemory ?? .max
    }

    /// Of the experts, what has no room beside all else.
    private func shareBeside(batch: Int) -> Double {
        guard settings.beside != nil, expertBytes.own > 0 else { return 0 }
        let room = hardware.usableMemory - (wholeMemory(batch: batch).total - expertBytes.own)
        return 1 - min(1, max(0, Double(room) / Double(expertBytes.own)))
    }

    private func memory(batch: Int) -> MemoryNeed {
        var need = wholeMemory(batch: batch)
        let share = shareBeside(batch: batch)
        need.weights -= Int((share * Double(expertBytes.own)).rounded(.up))
        need.beside = Int((share * Double(expertBytes.beside)).rounded(.up))
        return need
    }

    private func wholeMemory(batch: Int) -> MemoryNeed {
        MemoryNeed(
            weights: weightBytes, cache: batch * cacheBytes,
            activations: 4 * weights.shape.scratchNumbers(rows: settings.stepTokens, drawn: batch),
            program: MemoryNeed.programBytes)
    }
}
