import HadalCompute
import HadalModels
import Testing

@testable import HadalPlan

@Suite(.timeLimit(.minutes(15)))
struct CatalogueTests {
    @Test(arguments: ModelCatalogue.published.entries.map(\.name))
    func parametersAreThosePublished(name: String) throws {
        let entry = try #require(ModelCatalogue.published.find(name))
        let weights = try ModelWeights(entry.shape(), in: entry.published)
        let billions = Double(weights.parameters) / 1e9
        // V4-Pro is published as 1.6T, and that is all the precision it has.
        let tolerance = name == "v4-pro" ? 0.02 : 0.01
        #expect(abs(billions / entry.billions - 1) < tolerance, "\(billions)")
    }

    /// What model cards call activated, two digits of it.
    @Test(arguments: [("v2-lite", 2.4), ("v2", 21), ("v3", 37), ("r1", 37), ("v4-flash", 13), ("v4-pro", 49)])
    func activeParametersAreThosePublished(name: String, billions: Double) throws {
        let entry = try #require(ModelCatalogue.published.find(name))
        let active = Double(try ModelWeights(entry.shape(), in: entry.published).activeParameters) / 1e9
        #expect(abs(active / billions - 1) < 0.05, "\(active)")
    }

    /// DeepSeek-V3 with its prediction layer is 685 thousand millions at Hugging Face, 688.6 GB of FP8.
    @Test func v3IsAsLargeAsItsFiles() throws {
        let weights = try ModelWeights(#require(ModelCatalogue.published.find("v3")).shape(), in: .fp8)
        let all = Double(weights.parameters + weights.predictionParameters) / 1e9
        #expect(abs(all / 685 - 1) < 0.01, "\(all)")
        #expect(abs(Double(weights.storedBytes) / 688.6e9 - 1) < 0.01, "\(weights.storedBytes)")
    }

    /// 70.272 kB of keys and values a token (arXiv:2505.09343, table 1).
    @Test func latentCacheIsAsPublished() throws {
        let shape = try #require(ModelCatalogue.published.find("v3")).shape()
        #expect(shape.cacheBytes(positions: 32, format: .f16, predicts: false) / 32 == 70_272)
    }

    /// Its model card: at a million tokens a tenth of V3.2's cache.
    @Test func compressedCacheIsAsPublished() throws {
        let million = 1 << 20
        func bytes(_ name: String) throws -> Double {
            Double(
                try #require(ModelCatalogue.published.find(name)).shape()
                    .cacheBytes(positions: million, format: .f16, predicts: false))
        }
        #expect(try bytes("v4-pro") / bytes("v3.2") < 0.15)
    }

    @Test func namesAndRepositoriesAreFound() {
        #expect(ModelCatalogue.published.find("deepseek-ai/deepseek-r1")?.name == "r1")
        #expect(ModelCatalogue.published.find("R1")?.name == "r1")
        #expect(ModelCatalogue.published.find("r2") == nil)
        #expect(Set(ModelCatalogue.published.entries.map(\.name)).count == ModelCatalogue.published.entries.count)
    }

    @Test func aFileAddsModelsAndSaysMoreOfThoseThatAreKnown() throws {
        var known = CatalogueAddition(repository: "DeepSeek-AI/deepseek-r1")
        known.digests = ["config.json": String(repeating: "ab", count: 32)]
        var new = CatalogueAddition(repository: "example/Own")
        (new.name, new.billions, new.context) = ("own", 7.6, 32_768)
        let catalogue = try ModelCatalogue.published.adding([known, new])
        let r1 = try #require(catalogue.find("r1"))
        #expect(
            r1.digests == known.digests && r1.digestsRevision == nil && r1.hasShape && r1.billions == 671
                && r1.license == "mit")
        #expect(r1.sampling == .init(temperature: 0.6, topP: 0.95))
        let own = try #require(catalogue.find("OWN"))
        #expect(own.context == 32_768 && !own.hasShape && own.format(fitting: 1 << 40, settings: Self.settings) == nil)
        #expect(throws: PlanError.noShape("own")) { _ = try PlannedModel(own) }
    }

    /// By the numbers of files and the first and last of the names that the repositories' `model.safetensors.index.json` have.
    @Test(arguments: [
        ("r1-distill-qwen-1.5b", 1, "model.safetensors", "model.safetensors"),
        ("r1-distill-qwen-7b", 2, "model-00001-of-000002.safetensors", "model-00002-of-000002.safetensors"),
        ("r1-distill-qwen-32b", 8, "model-00001-of-000008.safetensors", "model-00008-of-000008.safetensors"),
        ("r1", 163, "model-00001-of-000163.safetensors", "model-00163-of-000163.safetensors"),
        ("v4-flash", 46, "model-00001-of-00046.safetensors", "model-00046-of-00046.safetensors"),
    ])
    func weightsHaveTheirDigests(name: String, count: Int, first: String, last: String) throws {
        let model = try #require(ModelCatalogue.published.find(name))
        #expect(model.digests.count == count && Set(model.digests.values).count == count)
        #expect(model.digests.keys.min() == first && model.digests.keys.max() == last)
        #expect(model.digests.values.allSatisfy { $0.count == 64 && $0.allSatisfy { "0123456789abcdef".contains($0) } })
        #expect(model.digestsRevision?.count == 40)
    }

    @Test func whatNobodyKnowsIsNotClaimed() throws {
        let model = try #require(ModelCatalogue.published.find("v2-lite"))
        #expect(model.digests.isEmpty && model.digestsRevision == nil)
    }

    @Test func additionsThatCannotBeAreRefused() {
        let nameless = CatalogueAddition(repository: "example/Own")
        var taken = CatalogueAddition(repository: "example/Own")
        (taken.name, taken.billions) = ("R1", 1)
        var shapeless = CatalogueAddition(repository: "deepseek-ai/DeepSeek-R1")
        shapeless.config = #"{"model_type": "llama"}"#
        for addition in [nameless, taken, shapeless] {
            let error = #expect(throws: PlanError.self) { _ = try ModelCatalogue.published.adding([addition]) }
            #expect("\(error!)".contains(addition.repository))
        }
    }

    @Test func moreMemoryHoldsMoreBits() throws {
        let model = try #require(ModelCatalogue.published.find("r1-distill-qwen-1.5b"))
        let fits = [1, 2, 4, 16].map { model.format(fitting: $0 << 30, settings: Self.settings) }
        #expect(fits.first == .some(nil) && fits.last == "BF16")
        #expect(fits[1] != nil && fits[1] != "BF16")
        // No graph yet.
        let v4 = try #require(ModelCatalogue.published.find("v4-flash"))
        #expect(v4.format(fitting: 1 << 45, settings: Self.settings) == nil)
        let sizes = try model.storedBytes()
        #expect(sizes.first?.format == "BF16" && abs(Double(sizes[0].bytes) / 3.55e9 - 1) < 0.01)
    }

    private static let settings = PlanSettings(predictsFromLayers: 16)
}
