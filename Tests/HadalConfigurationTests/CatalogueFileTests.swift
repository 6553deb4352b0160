import Foundation
import TestSupport
import Testing

@testable import HadalConfiguration

@Suite(.timeLimit(.minutes(15)))
struct CatalogueFileTests {
    private static let digest = String(repeating: "0f", count: 32)
    private static let whole = """
        models:
          - repository: deepseek-ai/DeepSeek-R1
            temperature: 0.5
            files:
              config.json: \(digest)
              parts/model-1.safetensors: \(digest)
          - repository: example/Own-7B
            name: own-7b
            parameters: 7.6
            format: bf16
            context: 32768
            license: apache-2.0
            top_p: 0.9
            config: own.json
        """

    private static func load(_ text: String) throws(ConfigurationError) -> CatalogueFile {
        try CatalogueFile.load(Array(text.utf8), as: "/etc/hadal/catalogue.yaml")
    }

    @Test func whatStandsThereIsRead() throws {
        let models = try Self.load(Self.whole).models
        #expect(models.map(\.repository) == ["deepseek-ai/DeepSeek-R1", "example/Own-7B"])
        #expect(models[0].temperature == 0.5 && models[0].name == nil)
        #expect(models[0].files == ["config.json": Self.digest, "parts/model-1.safetensors": Self.digest])
        #expect(models[1].parameters == 7.6 && models[1].format == .bf16 && models[1].topP == 0.9)
        #expect(models[1].config == "/etc/hadal/own.json")
        #expect(try Self.load("").models.isEmpty)
        let json = #"{"models": [{"repository": "a/b", "parameters": 1.5, "name": "b"}]}"#
        #expect(try Self.load(json).models.map(\.parameters) == [1.5])
    }

    @Test(arguments: [
        ("models: 7", "models", "list of groups"),
        ("models:\n  - name: x", "models[0].repository", "no repository"),
        ("models:\n  - repository: one", "models[0].repository", "OWNER/NAME"),
        ("models:\n  - repository: a/b/c", "models[0].repository", "OWNER/NAME"),
        ("models:\n  - repository: a/b\n    temperature: 3", "models[0].temperature", "from 0.0 to 2.0"),
        ("models:\n  - repository: a/b\n    top_p: nan", "models[0].top_p", "no number"),
        ("models:\n  - repository: a/b\n    parameters: 1e9", "models[0].parameters", "no number"),
        ("models:\n  - repository: a/b\n    format: int3", "models[0].format", "none of the choices"),
        ("models:\n  - repository: a/b\n    context: -1", "models[0].context", "no whole number"),
        ("models:\n  - repository: a/b\n    licence: mit", "models[0].licence", "license"),
        ("models:\n  - repository: a/b\n    files: {x: 12}", "models[0].files.x", "64 hexadecimal digits"),
        ("models:\n  - repository: a/b\n    files: {/etc/x: \(digest)}", "models[0].files", "no file of a repository"),
        ("models:\n  - repository: a/b\n    files: {../x: \(digest)}", "models[0].files", "no file of a repository"),
        ("models:\n  - repository: a/b\n  - repository: A/B", "models[1].repository", "there already"),
        ("models: [", "", "/etc/hadal/catalogue.yaml"),
    ])
    func whatIsWrongIsNamed(text: String, field: String, words: String) throws {
        let error = #expect(throws: ConfigurationError.self) { _ = try Self.load(text) }
        let problem = try #require(error?.problems.first)
        #expect(problem.path == field, "\(problem)")
        #expect("\(problem)".contains(words) && "\(problem)".contains("/etc/hadal/catalogue.yaml"), "\(problem)")
    }

    @Test func aFileThatIsNotThereIsNamed() {
        let error = #expect(throws: ConfigurationError.self) { _ = try CatalogueFile.load("/nowhere/catalogue.yaml") }
        #expect("\(error!)".contains("/nowhere/catalogue.yaml"))
    }

    @Test func noBytesDoHarm() throws {
        var random = SplitMix(state: 5)
        let good = Array(Self.whole.utf8)
        for _ in 0..<2000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default:
                    bytes.insert(
                        contentsOf: [": ", "- ", "{", "&a ", "\n", "  "].randomElement(using: &random)!.utf8, at: place)
                }
            }
            do throws(ConfigurationError) {
                for model in try CatalogueFile.load(bytes, as: "fuzz.yaml").models {
                    #expect(model.files.values.allSatisfy { $0.utf8.count == 64 })
                    #expect(model.repository.split(separator: "/").count == 2)
                }
            } catch { #expect(!error.problems.isEmpty) }
        }
    }
}
