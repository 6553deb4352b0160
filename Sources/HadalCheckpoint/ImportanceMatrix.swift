/// How much each input of a model's matrices matters: how large it is, squared and on average, while the model reads a text
/// (`hadal imatrix`). An error in a weight is multiplied by its input, so `Packer` spends a format's few levels where
/// inputs are large.
///
/// On disk a GGUF file as llama.cpp writes it: for a matrix `<name>.in_sum2` [matrices, inputs], the sums of squares, and
/// `<name>.counts` [matrices, 1], the rows that were summed; several matrices where the tensor holds experts or heads.
public struct ImportanceMatrix: Sendable {
    public struct Entry: Sendable, Hashable {
        /// Inputs of one matrix.
        public var inputs: Int
        /// Sums of squares `[matrices, inputs]`.
        public var sums: [Float]
        /// Rows that each matrix has met.
        public var counts: [Float]

        public init(inputs: Int, sums: [Float], counts: [Float]) {
            precondition(inputs > 0 && sums.count == inputs * counts.count)
            self.inputs = inputs
            self.sums = sums
            self.counts = counts
        }
    }

    /// By the name of the tensor, as the measured checkpoint has it.
    public internal(set) var entries: [String: Entry]
    /// The text's name, tokens in a window, and windows: for people.
    public var text: String
    public var context: Int
    public var windows: Int

    public init(entries: [String: Entry], text: String, context: Int, windows: Int) {
        self.entries = entries
        self.text = text
        self.context = context
        self.windows = windows
    }

    private static let sumsSuffix = ".in_sum2"
    private static let countsSuffix = ".counts"

    /// - Throws: `CheckpointError`, also where the file is none of an importance matrix.
    public init(path: String) throws(CheckpointError) {
        let file = try GGUFFile.open(path: path)
        func invalid(_ item: String, _ problem: String) -> CheckpointError {
            .invalid(file: path, item: item, offset: 0, problem: problem)
        }
        guard file.metadata.string("general.type") == "imatrix" else {
            throw invalid("key \"general.type\"", "this is no importance matrix; hadal imatrix makes one")
        }
        let tensors = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
        var entries: [String: Entry] = [:]
        for sums in file.tensors where sums.name.hasSuffix(Self.sumsSuffix) {
            let name = String(sums.name.dropLast(Self.sumsSuffix.count))
            guard let counts = tensors[name + Self.countsSuffix] else {
                throw .missing(place: path, item: "tensor \(name + Self.countsSuffix)")
            }
            guard sums.format == .f32, counts.format == .f32, sums.columns > 0, sums.rows == counts.count else {
                throw invalid("tensor \(sums.name)", "\(sums.shape) and counts \(counts.shape), which do not fit")
            }
            let entry = Entry(inputs: sums.columns, sums: sums.dequantized(), counts: counts.dequantized())
            guard (entry.sums + entry.counts).allSatisfy({ $0.isFinite && $0 >= 0 }) else {
                throw invalid("tensor \(sums.name)", "a sum or count that is no positive number")
            }
            entries[name] = entry
        }
        self.init(
            entries: entries, text: file.metadata.strings("imatrix.datasets")?.joined(separator: ", ") ?? "",
            context: file.metadata.int("imatrix.chunk_size") ?? 0,
            windows: file.metadata.int("imatrix.chunk_count") ?? 0)
    }

    /// Writes the file, which appears when it is complete.
    public func write(to path: String) throws {
        var writer = GGUFWriter()
        writer.metadata["general.type"] = .string("imatrix")
        writer.metadata["imatrix.datasets"] = .array(GGUFArray([text]))
        writer.metadata["imatrix.chunk_count"] = .uint32(UInt32(windows))
        writer.metadata["imatrix.chunk_size"] = .uint32(UInt32(context))
        for (name, entry) in entries.sorted(by: { $0.key < $1.key }) {
            let matrices = entry.counts.count
            try writer.add(name + Self.sumsSuffix, format: .f32, shape: [matrices, entry.inputs]) { emit in
                try entry.sums.withUnsafeBytes(emit)
            }
            try writer.add(name + Self.countsSuffix, format: .f32, shape: [matrices, 1]) { emit in
                try entry.counts.withUnsafeBytes(emit)
            }
        }
        try writer.write(to: path)
    }

    /// - Throws: `CheckpointError.shape` where a matrix is not what was measured, `.missing` where none was.
    func check(_ checkpoint: Checkpoint) throws(CheckpointError) {
        var known = 0
        for (name, tensor) in checkpoint.tensors {
            guard let entry = entries[name] else { continue }
            guard entry.inputs == tensor.columns, entry.counts.count == tensor.matrices else {
                throw .shape(
                    tensor: name,
                    problem:
                        "\(tensor.shape), but the importance matrix has \(entry.counts.count) × \(entry.inputs) inputs")
            }
            known += 1
        }
        guard known > 0 else {
            throw .missing(
                place: checkpoint.path, item: "tensor that the importance matrix knows: it is of another model")
        }
    }

    /// Mean squares of the inputs of one matrix; nil where it met no row. Inputs that were never seen count a little, lest their
    /// weights become anything.
    func weights(of tensor: String, member: Int) -> [Float]? {
        guard let entry = entries[tensor], entry.counts.indices.contains(member), entry.counts[member] > 0 else {
            return nil
        }
        let sums = entry.sums[member * entry.inputs..<(member + 1) * entry.inputs]
        let least = sums.reduce(0, +) / Float(entry.inputs) * 1e-3
        return least > 0 ? sums.map { ($0 + least) / entry.counts[member] } : nil
    }
}
