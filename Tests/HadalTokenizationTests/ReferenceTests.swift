import Foundation
import HadalJSON
import HadalTokenization
import TestSupport
import Testing

/// Ids and texts exactly as other implementations have them.
@Suite struct ReferenceTests {
    @Test(arguments: Fixtures.names)
    func idsAreThoseOfTheTokenizersLibrary(name: String) throws {
        let tokenizer = try Fixtures.tokenizer(name)
        let cases = try Fixtures.cases(of: name)
        #expect(cases.count > 40)
        for example in cases {
            #expect(tokenizer.encode(example.text, parsesSpecial: true) == example.ids, "\(JSON.quoted(example.text))")
            if let whole = example.whole {
                #expect(tokenizer.encodeWhole(example.text, parsesSpecial: true) == whole)
            }
        }
    }

    /// Not BERT, which loses spaces, and not where bytes are no UTF-8: there the library's decoders differ from each other.
    @Test(arguments: Fixtures.names.filter { $0 != "bert" })
    func textsAreThoseOfTheTokenizersLibrary(name: String) throws {
        let tokenizer = try Fixtures.tokenizer(name)
        for example in try Fixtures.cases(of: name) where !example.decoded.contains("\u{FFFD}") {
            #expect(
                sameBytes(tokenizer.decode(example.ids), example.decoded),
                "\(JSON.quoted(tokenizer.decode(example.ids))) instead of \(JSON.quoted(example.decoded))")
        }
    }

    @Test func aModelThatAddsASpaceGivesTheTextBackWithIt() throws {
        let tokenizer = try Fixtures.tokenizer("gpt-2")
        #expect(tokenizer.decode(tokenizer.encode("the model", parsesSpecial: false)) == " the model")
    }

    /// Of the collection in `../shared/data`: vocabulary, cases, and the pre-tokenizer where the files do not tell it.
    static let shared: [(vocabulary: String, cases: String, preTokenizer: String?)] = [
        ("deepseek-r1", "kitoken-cases/deepseek-r1", nil),
        ("gguf-vocab/ggml-vocab-deepseek-llm.gguf", "llama.cpp-cases/deepseek-llm", nil),
        ("gguf-vocab/ggml-vocab-deepseek-coder.gguf", "llama.cpp-cases/deepseek-coder", nil),
        ("gguf-vocab/ggml-vocab-gpt-2.gguf", "llama.cpp-cases/gpt-2", nil),
        ("gguf-vocab/ggml-vocab-gpt-2.gguf", "kitoken-cases/gpt2", nil),
        ("gguf-vocab/ggml-vocab-llama-spm.gguf", "llama.cpp-cases/llama-spm", nil),
        ("gguf-vocab/ggml-vocab-llama-spm.gguf", "kitoken-cases/llama2", nil),
        ("gguf-vocab/ggml-vocab-bert-bge.gguf", "llama.cpp-cases/bert-bge", nil),
        ("qwen2.5", "llama.cpp-cases/qwen2", nil),
        ("qwen2.5", "llama.cpp-cases/deepseek-r1-qwen", nil),
        ("llama3.2", "llama.cpp-cases/llama-bpe", "llama-bpe"),
        ("llama3.2", "kitoken-cases/llama3.2", "llama-bpe"),
    ]

    @Test(.enabled(if: SharedData.file("tokenizers") != nil, "needs ../shared/data"), arguments: shared)
    func idsAreThoseOfTheCollection(vocabulary: String, cases: String, preTokenizer: String?) throws {
        guard let path = SharedData.file("tokenizers/\(vocabulary)"),
            let lines = SharedData.file("tokenizers/\(cases).cases.jsonl")
        else { return }
        let tokenizer = try TokenizerLoader.load(path: path.path, preTokenizer: preTokenizer)
        for line in try String(contentsOf: lines, encoding: .utf8).split(separator: "\n") {
            let example = try JSON(parsing: String(line))
            let text = example["text"]!.string!
            let ids = Fixtures.ids(example["ids"]!)
            #expect(tokenizer.encode(text, parsesSpecial: true) == ids, "\(JSON.quoted(String(text.prefix(80))))")
            if !vocabulary.contains("bert") {
                // Qwen normalizes; SentencePiece cannot tell its own mark from a space.
                var expected = vocabulary.contains("qwen") ? text.precomposedStringWithCanonicalMapping : text
                if vocabulary.contains("spm") { expected = expected.replacingOccurrences(of: "▁", with: " ") }
                #expect(sameBytes(tokenizer.decode(ids), expected), "\(JSON.quoted(String(text.prefix(80))))")
            }
        }
    }
}
