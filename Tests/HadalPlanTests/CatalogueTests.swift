import HadalCompute
import HadalModels
import Testing

@testable import HadalPlan

@Suite(.timeLimit(.minutes(15)))
struct CatalogueTests {
    @Test(arguments: ModelCatalogue.entries.map(\.name))
    func parametersAreThosePublished(name: String) throws {
        let entry = try #require(ModelCatalogue.find(name))
        let weights = try ModelWeights(entry.shape(), in: entry.published)
        let billions = Double(weights.parameters) / 1e9
        // V4-Pro is published as 1.6T, and that is all the precision it has.
        let tolerance = name == "v4-pro" ? 0.02 : 0.01
        #expect(abs(billions / entry.billions - 1) < tolerance, "\(billions)")
    }

    /// What model cards call activated, two digits of it.
    @Test(arguments: [("v2-lite", 2.4), ("v2", 21), ("v3", 37), ("r1", 37), ("v4-flash", 13), ("v4-pro", 49)])
    func activeParametersAreThosePublished(name: String, billions: Double) throws {
        let entry = try #require(ModelCatalogue.find(name))
        let active = Double(try ModelWeights(entry.shape(), in: entry.published).activeParameters) / 1e9
        #expect(abs(active / billions - 1) < 0.05, "\(active)")
    }

    /// DeepSeek-V3 with its prediction layer is 685 thousand millions at Hugging Face, 688.6 GB of FP8.
    @Test func v3IsAsLargeAsItsFiles() throws {
        let weights = try ModelWeights(#require(ModelCatalogue.find("v3")).shape(), in: .fp8)
        let all = Double(weights.parameters + weights.predictionParameters) / 1e9
        #expect(abs(all / 685 - 1) < 0.01, "\(all)")
        #expect(abs(Double(weights.storedBytes) / 688.6e9 - 1) < 0.01, "\(weights.storedBytes)")
    }

    /// 70.272 kB of keys and values a token (arXiv:2505.09343, table 1).
    @Test func latentCacheIsAsPublished() throws {
        let shape = try #require(ModelCatalogue.find("v3")).shape()
        #expect(shape.cacheBytes(positions: 32, format: .f16, predicts: false) / 32 == 70_272)
    }

    /// Its model card: at a million tokens a tenth of V3.2's cache.
    @Test func compressedCacheIsAsPublished() throws {
        let million = 1 << 20
        func bytes(_ name: String) throws -> Double {
            Double(
                try #require(ModelCatalogue.find(name)).shape()
                    .cacheBytes(positions: million, format: .f16, predicts: false))
        }
        #expect(try bytes("v4-pro") / bytes("v3.2") < 0.15)
    }

    @Test func namesAndRepositoriesAreFound() {
        #expect(ModelCatalogue.find("deepseek-ai/deepseek-r1")?.name == "r1")
        #expect(ModelCatalogue.find("R1")?.name == "r1")
        #expect(ModelCatalogue.find("r2") == nil)
        #expect(Set(ModelCatalogue.entries.map(\.name)).count == ModelCatalogue.entries.count)
    }
}
