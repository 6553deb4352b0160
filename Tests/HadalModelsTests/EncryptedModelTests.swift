import Foundation
import HadalCheckpoint
import HadalCompute
import HadalModels
import TestSupport
import Testing

/// Models from encrypted files compute the same bits.
@Suite struct EncryptedModelTests {
    private let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    private func encrypted(_ name: String) throws -> Checkpoint {
        let copy = directory.url.appendingPathComponent(name)
        try TurnedBits.copy(Fixture.folder(name), to: copy)
        return try Checkpoint.open(copy.path, opener: TurnedBits.opener)
    }

    @Test func anEncoderReadsItsPoolingToo() throws {
        func vector(_ checkpoint: Checkpoint) throws -> [[Float]] {
            try ModelLoader.loadEncoder(checkpoint, device: CPUDevice(threads: 1)).encode([[3, 1, 4]])
        }
        #expect(try vector(encrypted("bert")) == vector(Checkpoint.open(Fixture.folder("bert").path)))
        // Without keys the pooling is not taken for missing.
        let copy = directory.url.appendingPathComponent("bert")
        for name in ["config.json", "model.safetensors"] {
            let file = copy.appendingPathComponent(name)
            try FileManager.default.removeItem(at: file)
            try FileManager.default.copyItem(at: Fixture.folder("bert").appendingPathComponent(name), to: file)
        }
        let error = #expect(throws: CheckpointError.self) { try vector(Checkpoint.open(copy.path)) }
        #expect(error?.description.contains("modules.json is encrypted") == true)
    }

    /// Decrypted weights take the memory of a model a second time: they go when it is loaded, the table's rows apart.
    @Test(arguments: ["llama-bf16", "llama-bands", "deepseek-v3-fp8"])
    func theFileGoesWhenTheModelIsLoaded(_ name: String) throws {
        weak var file: MappedFile?
        func load() throws -> any LanguageModel {
            let checkpoint = try encrypted(name)
            file = checkpoint.files.first
            #expect(file?.isInMemory == true)
            return try ModelLoader.load(checkpoint, device: CPUDevice(threads: 1))
        }
        let model = try load()
        #expect(file == nil)
        let plain = try ModelLoader.load(Checkpoint.open(Fixture.folder(name).path), device: CPUDevice(threads: 1))
        #expect(try logits(model) == logits(plain))
    }

    private func logits(_ model: any LanguageModel) throws -> [Float] {
        var step = Step()
        step.tokens = [3, 1, 4, 1]
        step.positions = [0, 1, 2, 3]
        step.sequences = [0, 0, 0, 0]
        step.blockTables = [[0]]
        let cache = try model.device.makeCache(model.cacheShape(blocks: 1, format: .f32))
        return model.device.read(model.forward(step, cache: cache, outputRows: [0, 1, 2, 3]), rows: 4)
    }
}
