import Foundation
import HadalStore
import Testing

@testable import HadalPull

@Suite(.timeLimit(.minutes(15)))
struct FileChoiceTests {
    private func choose(
        _ names: [String], _ reference: String = "a/b", include: [String] = []
    ) throws -> (names: Set<String>, variant: String?) {
        let files = try names.map {
            RemoteModel.File(path: try FilePath($0), size: 1_000_000, digest: nil, url: "http://x/\($0)")
        }
        let model = RemoteModel(commit: "c", license: nil, files: files)
        let choice = try FileChoice(model, try ModelReference(reference), include: include)
        return (Set(choice.files.map(\.path.text)), choice.variant)
    }

    @Test func onlyOneFormatIsTaken() throws {
        let one = try choose([
            "config.json", "model.safetensors", "pytorch_model.bin", "model.gguf", "tf_model.h5", "onnx/model.onnx",
            "tokenizer.json", "logo.png", ".gitattributes", "flax_model.msgpack",
        ])
        #expect(one.names == ["config.json", "model.safetensors", "tokenizer.json"])
        let mistral = try choose([
            "config.json", "consolidated.safetensors", "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors", "model.safetensors.index.json",
        ])
        #expect(!mistral.names.contains("consolidated.safetensors"))
        #expect(mistral.names.count == 4)
    }

    @Test func anEncoderComesWithItsPooling() throws {
        let names = ["config.json", "model.safetensors", "modules.json", "1_Pooling/config.json", "vocab.txt"]
        #expect(try choose(names + ["openvino/model.xml"]).names == Set(names))
    }

    private let quantized = [
        "R1-Q4_K_M.gguf", "R1-Q8_0-00001-of-00002.gguf", "R1-Q8_0-00002-of-00002.gguf",
        "UD-IQ1_S/R1-UD-IQ1_S-00001-of-00002.gguf", "UD-IQ1_S/R1-UD-IQ1_S-00002-of-00002.gguf", "LICENSE",
        "mmproj-F16.gguf", "config.json",
    ]

    @Test func oneQuantizationIsChosen() throws {
        let (names, variant) = try choose(quantized, "a/b:q4_k_m")
        #expect(names == ["R1-Q4_K_M.gguf", "LICENSE"])
        #expect(variant == "Q4_K_M")
        let split = try choose(quantized, include: ["*Q8_0*"])
        #expect(split.names == ["R1-Q8_0-00001-of-00002.gguf", "R1-Q8_0-00002-of-00002.gguf", "LICENSE"])
        #expect(split.variant == "Q8_0")
        #expect(try choose(quantized, "a/b:UD-IQ1_S").names.count == 3)
    }

    @Test func aPatternOfOnePartTakesTheWholeSet() throws {
        #expect(try choose(quantized, include: ["R1-Q8_0-00001*"]).names.count == 3)
    }

    @Test func whereThereAreSeveralThePersonChooses() throws {
        let error = #expect(throws: PullError.self) { try choose(quantized) }
        let text = "\(try #require(error))"
        for name in ["Q4_K_M (1.0 MB)", "Q8_0 (2.0 MB)", "UD-IQ1_S (2.0 MB)"] { #expect(text.contains(name)) }
        #expect(throws: PullError.self) { try choose(quantized, "a/b:Q2_K") }
        #expect(throws: PullError.self) { try choose(quantized, include: ["*Q*"]) }
        #expect(try choose(["only-model.gguf"]).variant == "only-model")
        #expect(try choose(["m.Q5_0.gguf"]).variant == "Q5_0")
    }

    @Test func twoOfTheSameQuantizationAreToldApart() throws {
        let names = ["small-Q8_0.gguf", "large-Q8_0.gguf"]
        #expect(try choose(names, "a/b:small-q8_0").names == ["small-Q8_0.gguf"])
    }

    @Test func aSetWithAMissingPartIsRefused() {
        #expect(throws: PullError.self) { try choose(["R1-Q8_0-00001-of-00003.gguf", "R1-Q8_0-00003-of-00003.gguf"]) }
    }

    @Test func whatHadalDoesNotReadIsToldOff() throws {
        let error = #expect(throws: PullError.self) { try choose(["config.json", "pytorch_model.bin"]) }
        #expect("\(try #require(error))".contains(".bin"))
    }
}
