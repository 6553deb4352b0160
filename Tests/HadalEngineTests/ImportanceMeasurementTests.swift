import Foundation
import HadalCheckpoint
import HadalCompute
import HadalEngine
import HadalModels
import Testing

/// On the model that comes with Hadal.
@Suite struct ImportanceMeasurementTests {
    @Test func sumsAreThoseOfWhatTheMatricesMeet() throws {
        let checkpoint = try Checkpoint.open(#require(BuiltInModel.path()))
        let device = try CPUDevice()
        let model = try ModelLoader.load(checkpoint, device: device, maximumRows: 16)
        let tokens = (0..<75).map { Int32(100 + 37 * $0 % 5000) }
        let matrix = try ImportanceMeasurement.measure(
            model, on: device, from: checkpoint, tokens: tokens, text: "numbers", context: 30)
        // Windows of 30, 30 and 15 tokens.
        #expect(matrix.windows == 3)

        // The first layer's queries see the normed embeddings.
        let table = try checkpoint.tensor("token_embd.weight")
        let norm = try checkpoint.tensor("blk.0.attn_norm.weight").dequantized()
        var wanted = [Double](repeating: 0, count: norm.count)
        for token in tokens {
            let row = try table.slice(Int(token)..<Int(token) + 1).dequantized().map(Double.init)
            let scale = 1 / (row.reduce(0) { $0 + $1 * $1 } / Double(row.count) + 1e-6).squareRoot()
            for column in row.indices { wanted[column] += pow(row[column] * scale * Double(norm[column]), 2) }
        }
        let queries = try #require(matrix.entries["blk.0.attn_q.weight"])
        #expect(queries.counts == [75])
        for (sum, wanted) in zip(queries.sums, wanted) { #expect(abs(Double(sum) - wanted) <= 1e-4 * wanted + 1e-9) }

        // Every token goes to two of eight experts, and what goes into an expert comes out of it.
        let up = try #require(matrix.entries["blk.3.ffn_up_exps.weight"])
        let down = try #require(matrix.entries["blk.3.ffn_down_exps.weight"])
        #expect(up.counts.count == 8 && up.counts.reduce(0, +) == 150 && up.counts == down.counts)
        #expect(up.sums.count == 8 * 256 && down.sums.count == 8 * 128)
        // The layer for multi-token prediction is not run, and no matrix is forgotten of those that are.
        #expect(!matrix.entries.keys.contains { $0.hasPrefix("blk.6.") })
        for part in [
            "attn_kv_a_mqa", "attn_k_b", "attn_v_b", "attn_output", "ffn_gate_exps", "ffn_gate_shexp", "ffn_down_shexp",
        ] {
            #expect(matrix.entries["blk.5.\(part).weight"] != nil, "\(part)")
        }
    }

    @Test func tooShortATextIsRefused() throws {
        let checkpoint = try Checkpoint.open(#require(BuiltInModel.path()))
        let device = try CPUDevice()
        let model = try ModelLoader.load(checkpoint, device: device, maximumRows: 16)
        #expect(throws: EngineError.self) {
            try ImportanceMeasurement.measure(
                model, on: device, from: checkpoint, tokens: [1, 2, 3], text: "", context: 512)
        }
        #expect(device.observer == nil)
    }
}
