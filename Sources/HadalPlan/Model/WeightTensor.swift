import HadalCheckpoint
import HadalModels

/// A tensor of a model, or as many alike as there are experts: its size in a file and in memory.
public struct WeightTensor: Sendable, Hashable {
    public enum Role: Sendable, Hashable {
        /// The table of embeddings: of it, rows are looked up.
        case table
        /// The projection to the vocabulary, for tokens that are drawn.
        case head
        /// Of the experts that a token may be routed to.
        case expert
        /// Keeps float32 in memory: routers, norms, biases.
        case exact
        /// Any other matrix: read for every token.
        case matrix
        /// Of the layers for multi-token prediction.
        case prediction
    }

    public let name: String
    /// Outermost dimension first.
    public let shape: [Int]
    public let copies: Int
    public let format: TensorFormat
    public let role: Role
    /// In a file, factors of FP8 blocks included.
    public let storedBytes: Int

    /// - Parameter layers: of the model; those after them predict.
    init(_ name: String, _ shape: [Int], copies: Int = 1, format: TensorFormat, layers: Int) {
        self.name = name
        self.shape = shape
        self.copies = copies
        self.format = format
        role = Self.role(of: name, shape, layers: layers)
        storedBytes =
            copies
            * (format.byteCount(elements: shape.reduce(1, *))
                + (format == .f8_E4M3 ? Self.factorBytes(shape) : 0))
    }

    /// A tensor that lies on disk.
    init(_ tensor: Tensor, layers: Int) {
        (name, shape, format, copies) = (tensor.name, tensor.shape, tensor.format, 1)
        role = Self.role(of: name, shape, layers: layers)
        storedBytes = tensor.data.count + (tensor.blockScale?.values.count ?? 0) * 4
    }

    /// The same as `hadal pack` would write it.
    func packed(_ recipe: PackRecipe, hasExperts: Bool, layers: Int) -> WeightTensor {
        WeightTensor(
            name, shape, copies: copies,
            format: recipe.format(of: name, shape: shape, from: format, hasExperts: hasExperts), layers: layers)
    }

    /// Numbers in all copies.
    public var count: Int { copies * shape.reduce(1, *) }

    /// One float32 for each block of 128×128.
    private static func factorBytes(_ shape: [Int]) -> Int {
        let side = Tensor.BlockScale.side
        return shape.suffix(2).reduce(4) { $0 * (($1 + side - 1) / side) } * shape.dropLast(2).reduce(1, *)
    }

    /// Bytes in a processor's memory once it is loaded (`CPUDevice`): matrices in panels, routers and vectors in
    /// float32.
    ///
    /// - Parameter latent: of a model with a joint up-projection.
    func loadedBytes(_ latent: ModelShape.Latent?) -> Int {
        if shape.count < 2 { return 4 * count }
        if PackRecipe.isRouter(name) { return copies * TensorFormat.f32.loadedBytes(shape: shape) }
        let factors = format == .f8_E4M3 ? copies * Self.factorBytes(shape) : 0
        guard Self.isJoint(name), let latent else { return copies * format.loadedBytes(shape: shape) + factors }
        // Keys are turned, so they keep 16 bits or become float32; values stay rows as they are.
        let keyFormat: TensorFormat = format == .bf16 || format == .f16 ? format : .f32
        return keyFormat.loadedBytes(shape: [latent.heads, latent.rank, latent.nope])
            + format.loadedBytes(shape: [latent.heads, latent.value, latent.rank]) + factors
    }

    /// Bytes in a card's memory once it is loaded (`CUDAWeightFormat`; "What becomes of weights" in `docs/cuda.md`).
    var cardBytes: Int {
        guard shape.count > 1, role != .exact, format != .f32 else { return 4 * count }
        // Of a joint up-projection keys become float32, values float16.
        if Self.isJoint(name) { return 3 * count }
        switch format {
        case .q8_0: return count / 32 * 34
        case .q4_0, .q4_1, .q4_K: return count / 32 * 20
        case .mxfp4: return count / 32 * 17
        case .f8_E4M3: return storedBytes
        default: return 2 * count
        }
    }

    private static func isJoint(_ name: String) -> Bool {
        name.contains("kv_b_proj.") || name.contains("attn_kv_b.")
    }

    private static func role(of name: String, _ shape: [Int], layers: Int) -> Role {
        for prefix in ["model.layers.", "blk."] where name.hasPrefix(prefix) {
            if let layer = Int(name.dropFirst(prefix.count).prefix { $0 != "." }), layer >= layers {
                return .prediction
            }
        }
        if name.contains("embed_tokens.") || name.contains("token_embd.") { return .table }
        if name.contains("lm_head.") || name == "output.weight" { return .head }
        if shape.count < 2 || PackRecipe.isRouter(name) { return .exact }
        return PackRecipe.isExpert(name) ? .expert : .matrix
    }
}
