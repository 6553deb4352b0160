import Dispatch
import Foundation
import HadalJSON

/// Writes a checkpoint again in other formats: `hadal pack`.
///
/// A GGUF checkpoint, also a split one, becomes one GGUF file that others read too. A Hugging Face directory becomes a
/// directory with the same small files and the tensors, under their own names, in `model.gguf`, or for FP8 in
/// `model.safetensors`.
public struct Packer {
    /// The tensors of a packed directory.
    static let fileName = "model.gguf"
    private static let fp8FileName = "model.safetensors"
    /// Values that are quantized at a time, by one core.
    private static let chunk = 1 << 20

    /// What becomes of one tensor.
    public struct Part: Sendable {
        public var tensor: Tensor
        public var format: TensorFormat
        public var layout = TensorLayout.rows

        public var bytes: Int { Tensor.byteCount(format: format, shape: tensor.shape, layout: layout) ?? 0 }
    }

    private let checkpoint: Checkpoint
    private let importance: ImportanceMatrix?
    public let parts: [Part]

    /// - Parameters:
    ///   - requantizes: whether matrices that are quantized already may be quantized anew.
    ///   - importance: of the inputs of matrices, for formats of less than 8 bits.
    ///   - laysOutPanels: whether matrices are laid out as the kernels read them, where they are not read in another way too.
    /// - Throws: `CheckpointError.quantizedAlready` where that is needed and not allowed, `.encoding` where FP8 cannot be, `.shape` where `importance` is of another
    ///   model.
    public init(
        _ checkpoint: Checkpoint, recipe: PackRecipe, importance: ImportanceMatrix? = nil, requantizes: Bool = false,
        laysOutPanels: Bool = false
    ) throws(CheckpointError) {
        self.checkpoint = checkpoint
        self.importance = importance
        let hasExperts = checkpoint.tensorOrder.contains(where: PackRecipe.isExpert)
        parts = checkpoint.tensorOrder.map { name in
            let tensor = checkpoint.tensors[name]!
            var part = Part(tensor: tensor, format: recipe.format(of: tensor, hasExperts: hasExperts))
            if tensor.layout == .panels && tensor.format == part.format || laysOutPanels && Packer.mayBePanels(part) {
                part.layout = .panels
            }
            return part
        }
        if let importance { try importance.check(checkpoint) }
        if isFP8 {
            guard checkpoint.directory != nil, !laysOutPanels else {
                throw .encoding(
                    format: .f8_E4M3,
                    problem: "GGUF files have no 8-bit floats: FP8 wants a Hugging Face directory, and no panels")
            }
            if let part = parts.first(where: { $0.format.isQuantized }) {
                throw .encoding(
                    format: part.format, problem: "\(part.tensor.name): safetensors files have no such type beside FP8")
            }
        }
        guard !requantizes else { return }
        for part in parts where part.tensor.format.isQuantized && part.tensor.format != part.format {
            throw .quantizedAlready(tensor: part.tensor.name, format: part.tensor.format)
        }
    }

    private var isFP8: Bool { parts.contains { $0.format == .f8_E4M3 } }

    /// Bytes of all tensors, and of what becomes of them.
    public var bytesBefore: Int { checkpoint.byteCount }
    public var bytesAfter: Int { parts.reduce(0) { $0 + $1.bytes } }

    /// Writes the file or directory, which appears when it is complete.
    ///
    /// - Parameter out: must not exist.
    /// - Throws: `CheckpointError`.
    public func write(to out: String, progress: ((Double) -> Void)? = nil) throws {
        guard !FileManager.default.fileExists(atPath: out) else {
            throw CheckpointError.unreadable(file: out, reason: "it exists already")
        }
        guard let directory = checkpoint.directory else { return try writeTensors(to: out, progress) }
        let partial = out + ".partial"
        do {
            try? FileManager.default.removeItem(atPath: partial)
            try FileManager.default.createDirectory(atPath: partial, withIntermediateDirectories: true)
            try copyFiles(from: directory, to: URL(fileURLWithPath: partial, isDirectory: true))
            if isFP8 {
                try writeFP8(to: "\(partial)/\(Self.fp8FileName)", progress)
            } else {
                try writeTensors(to: "\(partial)/\(Self.fileName)", progress)
            }
            try FileManager.default.moveItem(atPath: partial, toPath: out)
        } catch {
            try? FileManager.default.removeItem(atPath: partial)
            if let error = error as? CheckpointError { throw error }
            throw CheckpointError.unreadable(file: out, reason: error.localizedDescription)
        }
    }

    private func writeTensors(to path: String, _ progress: ((Double) -> Void)?) throws {
        // Panels can be read where they lie.
        var writer = GGUFWriter(alignment: parts.contains { $0.layout == .panels } ? 64 : 32)
        for key in checkpoint.gguf?.keys ?? [] where !key.hasPrefix("split.") && key != "general.alignment" {
            writer.metadata[key] = checkpoint.gguf?[key]
        }
        if checkpoint.gguf == nil { writer.metadata["general.architecture"] = .string("hadal-pack") }
        let total = Double(max(1, bytesBefore))
        var done = 0
        for part in parts {
            try writer.add(part.tensor.name, format: part.format, layout: part.layout, shape: part.tensor.shape) {
                emit in
                try convert(part, emit)
                done += part.tensor.data.count
                progress?(Double(done) / total)
            }
        }
        try writer.write(to: path)
    }

    /// What describes the model: everything but the weights.
    private func copyFiles(from source: URL, to target: URL) throws {
        let files = FileManager.default
        for name in try files.contentsOfDirectory(atPath: source.path).sorted() {
            let isWeights = name.hasSuffix(".safetensors") || name.hasSuffix(".index.json") || name == Self.fileName
            // Other programs' weights, and version control.
            let isForeign = [".bin", ".pt", ".pth", ".onnx", ".gguf", ".h5", ".msgpack"].contains { name.hasSuffix($0) }
            if isWeights || isForeign || name.hasPrefix(".") { continue }
            if name == "config.json", var config = checkpoint.config?.object {
                // Other weights carry their factors themselves.
                config["quantization_config"] = isFP8 ? FP8.configuration : nil
                try Data(JSON.object(config).text.utf8).write(to: target.appendingPathComponent(name))
            } else {
                try copy(source.appendingPathComponent(name), to: target.appendingPathComponent(name))
            }
        }
    }

    /// Links of a store lead out of folders, too.
    private func copy(_ source: URL, to target: URL) throws {
        let (files, source) = (FileManager.default, source.resolvingSymlinksInPath())
        var isDirectory: ObjCBool = false
        guard files.fileExists(atPath: source.path, isDirectory: &isDirectory), isDirectory.boolValue else {
            return try files.copyItem(at: source, to: target)
        }
        try files.createDirectory(at: target, withIntermediateDirectories: false)
        for name in try files.contentsOfDirectory(atPath: source.path).sorted() {
            try copy(source.appendingPathComponent(name), to: target.appendingPathComponent(name))
        }
    }

    func convert(_ part: Part, _ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        let tensor = part.tensor
        guard tensor.format != part.format || tensor.blockScale != nil else {
            return tensor.layout == part.layout ? try emit(tensor.data) : try tensor.emitPanels(emit)
        }
        // Experts differ in what they see.
        let isStack = tensor.shape.count > 2 && importance?.entries[tensor.name] != nil
        for matrix in isStack ? try (0..<tensor.shape[0]).map({ try tensor.slice($0) }) : [tensor] {
            let weights = importance?.weights(of: tensor.name, member: matrix.index ?? 0)
            for piece in try Packer.pieces(matrix) {
                let bytes = try Packer.quantize(piece.dequantized(), as: part.format, importance: weights)
                switch part.layout {
                case .rows: try bytes.withUnsafeBytes(emit)
                case .panels:
                    try Tensor(name: piece.name, format: part.format, shape: piece.shape, bytes: bytes).emitPanels(emit)
                }
            }
        }
    }

    /// Tables are read by rows, routers in float32, and MLA's joint up-projection is split and turned when it is loaded.
    private static func mayBePanels(_ part: Part) -> Bool {
        let name = part.tensor.name
        return !PackRecipe.isRouter(name) && !["embd", "embed", "kv_b"].contains(where: name.contains)
            && Tensor.byteCount(format: part.format, shape: part.tensor.shape, layout: .panels) != nil
    }

    /// Parts of a tensor that fit in memory many times over, cut where FP8 matrices can be.
    static func pieces(_ tensor: Tensor) throws -> [Tensor] {
        guard tensor.shape.count > 1, tensor.count > 16 * chunk else { return [tensor] }
        let first = tensor.shape[0]
        let perRow = tensor.count / first
        if perRow > 16 * chunk { return try (0..<first).flatMap { try pieces(tensor.slice($0)) } }
        let side = Tensor.BlockScale.side
        let rows = max(side, 16 * chunk / perRow / side * side)
        return try stride(from: 0, to: first, by: rows).map { try tensor.slice($0..<min($0 + rows, first)) }
    }

    /// The same on all cores.
    private static func quantize(
        _ values: [Float], as format: TensorFormat, importance: [Float]?
    ) throws -> [UInt8] {
        // Whole rows, where they are weighted.
        let columns = importance?.count ?? 1
        let chunk = max(1, chunk / columns) * columns
        let count = (values.count + chunk - 1) / chunk
        guard count > 1, values.count % format.blockSize == 0, columns == 1 || columns % format.blockSize == 0 else {
            return try Quantizer.quantize(values, as: format, importance: importance)
        }
        let size = format.byteCount(elements: values.count)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
            nonisolated(unsafe) let target = buffer.baseAddress!
            values.withUnsafeBufferPointer { source in
                nonisolated(unsafe) let source = source
                DispatchQueue.concurrentPerform(iterations: count) { index in
                    let range = index * chunk..<min((index + 1) * chunk, source.count)
                    Quantizer.quantize(
                        UnsafeBufferPointer(rebasing: source[range]), as: format, importance: importance,
                        into: target + format.byteCount(elements: range.lowerBound))
                }
            }
            initialized = size
        }
    }
}
