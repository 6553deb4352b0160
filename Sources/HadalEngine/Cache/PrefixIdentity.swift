import Crypto
import Foundation
import HadalCheckpoint
import HadalCompute
import HadalJSON
import HadalModels

/// What a cache block's bytes depend on beside the tokens: the model, and everything that could round differently.
struct PrefixIdentity: Sendable {
    /// SHA-256, or with a key HMAC-SHA256.
    let bytes: [UInt8]
    /// For a file of such blocks.
    let fileName: String
    /// What the names of files of the same model begin with.
    let modelName: String

    static let fileExtension = ".hadal-prefix"

    /// - Parameters:
    ///   - model: a digest of the weights.
    ///   - key: of the blocks on disk. Those of another key, or of none, are another file's.
    init(model: [UInt8], device: any ComputeDevice, shape: KVCacheShape, key: PrefixKey?) {
        let arithmetic = "\(Self.instructionSet(of: device)) \(Self.executable) \(Self.layout(of: shape))"
        let text = model + Array(arithmetic.utf8)
        bytes =
            key.map { Array(HMAC<SHA256>.authenticationCode(for: text, using: $0.heads)) }
            ?? Array(SHA256.hash(data: text))
        modelName = model.prefix(8).hexadecimal
        fileName = modelName + "-" + bytes.prefix(8).hexadecimal + Self.fileExtension
    }

    /// The pool's size does not matter, only what a block looks like.
    private static func layout(of shape: KVCacheShape) -> String {
        "\(shape.layers) \(shape.keyValueHeads) \(shape.keyWidth) \(shape.valueWidth) \(shape.format) \(KVCacheShape.blockSize)"
    }

    private static func instructionSet(of device: any ComputeDevice) -> String {
        (device as? CPUDevice)?.instructionSet.rawValue ?? device.summary
    }

    /// Another build of this program may compute other bits.
    private static var executable: String { fileStamp("/proc/self/exe") }

    fileprivate static func fileStamp(_ path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return "" }
        return "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }

    /// A digest of a checkpoint that need not read all of it: sizes and times of its files, everything that describes the
    /// tensors, and samples of up to 256 of them.
    static func digest(of checkpoint: Checkpoint) -> [UInt8] {
        var hash = SHA256()
        func add(_ text: String) {
            hash.update(data: Array(text.utf8))
            hash.update(data: [0])
        }
        for file in checkpoint.files { add(fileStamp(file.path)) }
        if let config = checkpoint.config { add(config.text) }
        let tensors = checkpoint.tensorOrder.compactMap { checkpoint.tensors[$0] }
        if checkpoint.gguf != nil, let file = checkpoint.files.first {
            hash.update(bufferPointer: head(of: file, tensors))
        }
        for tensor in tensors { add("\(tensor.name) \(tensor.format.name) \(tensor.shape)") }
        let step = max(1, tensors.count / 256)
        for index in stride(from: 0, to: tensors.count, by: step) {
            let data = tensors[index].data
            let start = max(0, data.count / 2 - 2048)
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: data[start..<min(start + 4096, data.count)]))
        }
        return Array(hash.finalize())
    }

    /// The metadata of a GGUF file: what stands before its first tensor.
    private static func head(of file: MappedFile, _ tensors: [Tensor]) -> UnsafeRawBufferPointer {
        guard let start = file.bytes.baseAddress else { return file.bytes }
        let offsets = tensors.compactMap { tensor -> Int? in
            guard tensor.file === file, let data = tensor.data.baseAddress else { return nil }
            return data - start
        }
        let end = min(file.bytes.count, offsets.min() ?? file.bytes.count)
        return UnsafeRawBufferPointer(rebasing: file.bytes[..<end])
    }
}
