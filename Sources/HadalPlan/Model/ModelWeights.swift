import HadalCheckpoint
import HadalModels

/// All weights of a model in certain formats: what they take on disk and in memory.
public struct ModelWeights: Sendable {
    public let shape: ModelShape
    public let tensors: [WeightTensor]

    /// As they lie on disk.
    public init(_ checkpoint: Checkpoint, shape: ModelShape) {
        self.shape = shape
        tensors = checkpoint.tensorOrder.map { WeightTensor(checkpoint.tensors[$0]!, layers: shape.layers) }
    }

    /// Of a model that need not be there.
    public init(_ shape: ModelShape, in format: PublishedFormat) {
        self.shape = shape
        tensors = shape.tensors(in: format)
    }

    init(shape: ModelShape, tensors: [WeightTensor]) {
        self.shape = shape
        self.tensors = tensors
    }

    /// As `hadal pack --format` would write them.
    public func packed(as format: TensorFormat) -> ModelWeights {
        let recipe = PackRecipe(format)
        let hasExperts = tensors.contains { PackRecipe.isExpert($0.name) }
        return ModelWeights(
            shape: shape,
            tensors: tensors.map { $0.packed(recipe, hasExperts: hasExperts, layers: shape.layers) })
    }

    /// Without the layers for multi-token prediction, as models are called by their size.
    public var parameters: Int { count { $0.role != .prediction } }

    public var predictionParameters: Int { count { $0.role == .prediction } }

    /// Those that one token is multiplied with: of the experts its own, of the table nothing.
    public var activeParameters: Int {
        let isHead = shape.tiesEmbeddings ? WeightTensor.Role.table : .head
        let always = count { $0.role == isHead || [.exact, .matrix].contains($0.role) }
        return always + Int(Double(count { $0.role == .expert }) * expertShare)
    }

    /// Of the experts' parameters, those that a token uses.
    var expertShare: Double { shape.experts.map { Double($0.perToken) / Double($0.count) } ?? 0 }

    /// In files.
    public var storedBytes: Int { tensors.reduce(0) { $0 + $1.storedBytes } }

    /// In the memory of a processor or an accelerator. A processor looks the table's rows up where the file is mapped
    /// and keeps no copy (`CPUTable`).
    ///
    /// - Parameter predicts: whether the layers for multi-token prediction are loaded.
    public func residentBytes(onProcessor: Bool, predicts: Bool) -> Int {
        tensors.reduce(0) { sum, tensor in
            tensor.role == .prediction && !predicts ? sum : sum + bytes(of: tensor, onProcessor: onProcessor)
        }
    }

    func bytes(of tensor: WeightTensor, onProcessor: Bool) -> Int {
        guard onProcessor else { return tensor.cardBytes }
        switch tensor.role {
        case .table where !shape.tiesEmbeddings: return 0
        // Left aside where the table serves.
        case .head where shape.tiesEmbeddings: return 0
        default: return tensor.loadedBytes(latent)
        }
    }

    private var latent: ModelShape.Latent? {
        if case .latent(let latent) = shape.attention { latent } else { nil }
    }

    /// The format that most of the bytes have.
    public var mainFormat: TensorFormat {
        var bytes: [TensorFormat: Int] = [:]
        for tensor in tensors { bytes[tensor.format, default: 0] += tensor.storedBytes }
        return bytes.max { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }?.key ?? .f32
    }

    private func count(where isCounted: (WeightTensor) -> Bool) -> Int {
        tensors.reduce(0) { isCounted($1) ? $0 + $1.count : $0 }
    }
}
