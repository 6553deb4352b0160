import Foundation
import HadalCheckpoint
import HadalCompute
import HadalModels
import TestSupport
import Testing

/// Panels that stay in their file's mapping.
@Suite struct MappedWeightsTests {
    @Test func aMappedModelComputesTheSameBits() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hadal-mapped-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = SharedData.repository.appendingPathComponent("Guide/guide.gguf").path
        let path = folder.appendingPathComponent("panels.gguf").path
        try Packer(Checkpoint.open(source), recipe: PackRecipe(nil), laysOutPanels: true).write(to: path)

        func logits(mapsPanels: Bool) throws -> (values: [Float], mapped: Int) {
            let device = try CPUDevice(threads: 2, mapsPanels: mapsPanels)
            let checkpoint = try Checkpoint.open(path)
            let model = try ModelLoader.load(checkpoint, device: device, maximumRows: 16)
            let cache = try device.makeCache(model.cacheShape(blocks: 1, format: .f32))
            var step = Step()
            step.tokens = (0..<16).map { 100 + 7 * $0 }
            step.positions = (0..<16).map { $0 }
            step.sequences = Array(repeating: 0, count: 16)
            step.blockTables = [[0]]
            let output = model.forward(step, cache: cache, outputRows: (0..<16).map { $0 })
            return (device.read(output, rows: 16), device.weightMemory.mappedBytes)
        }

        let (copied, mapped) = (try logits(mapsPanels: false), try logits(mapsPanels: true))
        #expect(copied.values == mapped.values)
        #expect(copied.mapped == 0)
        // All matrices that are in panels, but for the last where the file ends too soon behind it.
        let panels = try Checkpoint.open(path).tensors.values.filter {
            $0.layout == .panels && !$0.name.contains("blk.6.")
        }
        let bytes = panels.reduce(0) { $0 + $1.data.count }
        #expect(bytes > 1_000_000 && mapped.mapped > bytes * 9 / 10 && mapped.mapped <= bytes)
    }

    /// Rows have to be laid out anew, and what lies askew is copied.
    @Test func onlyPanelsAtWholeCacheLinesStay() throws {
        let memory = WeightMemory(mapsPanels: true)
        let bytes = [UInt8](repeating: 0, count: 34 * 64 * 8)
        let rows = try Tensor(name: "rows", format: .q8_0, shape: [16, 64], bytes: Array(bytes[..<(34 * 32)]))
        #expect(memory.place(of: rows) == nil)
        let file = MappedFile(copying: bytes)
        func panels(at offset: Int) throws -> Tensor {
            // Two blocks of 16 × 32 bytes and 16 scales.
            let size = 2 * (16 * 32 + 16 * 2)
            return try Tensor(
                name: "panels", format: .q8_0, layout: .panels, shape: [16, 64],
                data: UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + size]), file: file)
        }
        #expect(memory.place(of: try panels(at: 64)) != nil)
        #expect(memory.place(of: try panels(at: 96)) == nil)
        let behind = bytes.count / 64 * 64 - 2048
        #expect(memory.place(of: try panels(at: behind)) == nil)
        #expect(
            WeightMemory(mapsPanels: nil, environment: ["HADAL_MAP_WEIGHTS": "1"]).place(of: try panels(at: 0)) != nil)
        #expect(WeightMemory(mapsPanels: nil, environment: [:]).place(of: try panels(at: 0)) == nil)
    }
}
