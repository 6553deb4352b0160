import HadalCheckpoint
import HadalCompute
import HadalModels

/// What a model needs for a load on certain machines, format by format, and what to do.
public struct Plan: Sendable {
    /// One format of the weights.
    public struct Option: Sendable {
        /// `BF16`, `Q4_K`.
        public var format: String
        /// For `hadal pack --format`; nil: as it is.
        public var packed: TensorFormat?
        public var storedBytes: Int
        public var outcome: Result<Served, Misfit>
    }

    public struct Served: Sendable {
        public var replica: Replica
        public var replicas: Int
        public var cost: Cost?

        public var devices: Int { replicas * replica.devices }
    }

    public let model: PlannedModel
    public let hardware: Hardware
    public let load: Load
    public let settings: PlanSettings
    /// The most bits first.
    public let options: [Option]
    /// Its place in `options`; nil: none serves the load.
    public let recommended: Int?
    /// Of one token in keys and values, by format.
    public let cacheBytesPerToken: [KVCacheShape.Format: Double]
    /// Bytes for the conversations of all users to stay cached, so that nothing is computed twice.
    public let cacheOfAllUsers: Int
    /// What is not as it seems.
    public let notes: [String]

    /// What a format brings, the most bits first. Q4_K is ahead of Q4_0, which loses more (`Benchmarks/RESULTS.md`).
    static let formats: [TensorFormat] = [.bf16, .f8_E4M3, .q8_0, .q6_K, .q5_K, .q4_K, .mxfp4, .q4_0]

    /// - Throws: `PlanError`.
    public init(
        _ model: PlannedModel, on hardware: Hardware, load: Load, settings: PlanSettings, prices: Prices? = nil
    ) throws(PlanError) {
        guard load.context <= model.shape.context else {
            throw .contextTooLong(asked: load.context, model: model.shape.context)
        }
        // Sizes are counted in whole bytes.
        let block = model.shape.cacheBytes(positions: 1, format: .f32, predicts: true)
        guard Double(block) * Double(load.context) * Double(load.users) < 1e18 else {
            throw .outOfRange(
                option: "--users times --context", found: "\(load.users) × \(load.context)",
                expected: "less; this is more memory than there is")
        }
        self.model = model
        self.hardware = hardware
        self.load = load
        self.settings = settings
        let predicts = model.weights.predictionParameters > 0 && model.shape.layers >= settings.predictsFromLayers
        func option(_ weights: ModelWeights, _ name: String, _ packed: TensorFormat?) -> Option {
            let sizing = Sizing(weights, on: hardware, load: load, settings: settings, predicts: predicts)
            return Option(
                format: name, packed: packed, storedBytes: weights.storedBytes,
                outcome: sizing.smallest().map { fit in
                    Served(
                        replica: fit.replica, replicas: fit.replicas,
                        cost: prices.map {
                            Cost($0, load: load, replicas: fit.replicas, capacity: fit.replica.capacity)
                        })
                })
        }
        let others = Self.formats.filter { format in
            PlannedModel.title(format) != model.format && (model.takesFP8 || format != .f8_E4M3)
        }
        let options =
            [option(model.weights, model.format, nil)]
            + others.map { option(model.weights.packed(as: $0), PlannedModel.title($0), $0) }
        // What is packed in more bits than a file has gains nothing.
        let own = options[0].storedBytes
        self.options = [options[0]] + options.dropFirst().filter { $0.storedBytes < own }
        recommended = Self.recommended(self.options)
        var perToken: [KVCacheShape.Format: Double] = [:]
        for format in KVCacheShape.Format.allCases {
            let bytes = model.shape.cacheBytes(positions: load.context, format: format, predicts: predicts)
            perToken[format] = Double(bytes) / Double(load.context)
        }
        cacheBytesPerToken = perToken
        cacheOfAllUsers =
            load.users
            * model.shape.cacheBytes(positions: load.context, format: settings.cacheFormat, predicts: predicts)
        notes = Self.notes(model, hardware, settings, predicts: predicts)
    }

    /// The fewest machines; among equals the most bits.
    private static func recommended(_ options: [Option]) -> Int? {
        let served = options.indices.compactMap { index in
            (try? options[index].outcome.get()).map { (index: index, devices: $0.devices) }
        }
        return served.min { ($0.devices, $0.index) < ($1.devices, $1.index) }?.index
    }

    private static func notes(
        _ model: PlannedModel, _ hardware: Hardware, _ settings: PlanSettings, predicts: Bool
    ) -> [String] {
        var notes: [String] = []
        if let obstacle = model.obstacle { notes.append(obstacle) }
        if hardware.kind == .accelerator {
            notes.append(
                "Nothing was measured on accelerators yet: the speed is what it would be with the same shares of the limits "
                    + "as on processors; launches of kernels and what accelerators tell each other are not counted, so "
                    + "that small batches are slower than this")
            if settings.beside == nil {
                notes.append(
                    "Hadal computes a model on one accelerator (docs/cuda.md); several need vLLM or SGLang as an upstream"
                )
            }
        }
        if let note = settings.beside?.note { notes.append(note) }
        if let note = hardware.note { notes.append(note) }
        if hardware.kind == .processor, model.weights.mainFormat.isQuantized == false {
            notes.append("BF16 and FP8 are computed in float32 on processors; their share of its peak was not measured")
        }
        if model.isOnDisk, model.weights.mainFormat.isQuantized {
            notes.append("the file is quantized already; other formats are better packed from the original")
        }
        if predicts { notes.append("the layer for multi-token prediction is loaded too; what it gains is not counted") }
        return notes
    }
}
