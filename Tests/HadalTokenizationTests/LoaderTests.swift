import Foundation
import HadalCheckpoint
import HadalJSON
import HadalTokenization
import TestSupport
import Testing

@Suite struct LoaderTests {
    private func load(_ files: [String: String], preTokenizer: String? = nil) throws -> any Tokenizer {
        let directory = try Fixtures.temporaryDirectory(files)
        defer { try? FileManager.default.removeItem(at: directory) }
        return try TokenizerLoader.load(path: directory.path, preTokenizer: preTokenizer)
    }

    private func failure(_ json: String) -> String {
        do {
            _ = try load(["tokenizer.json": json])
            return "none"
        } catch { return "\(error)" }
    }

    private func byteLevel(
        normalizer: String = "null", preTokenizer: String = #"{"type":"ByteLevel","add_prefix_space":false}"#,
        model: String = #"{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}"#, decoder: String = "null",
        processor: String = "null"
    ) -> String {
        """
        {"normalizer":\(normalizer),"pre_tokenizer":\(preTokenizer),"model":\(model),"decoder":\(decoder),
        "post_processor":\(processor)}
        """
    }

    @Test func theSmallestFileWorks() throws {
        let tokenizer = try load(["tokenizer.json": byteLevel()])
        #expect(tokenizer.encode("abba", parsesSpecial: false) == [2, 1, 0])
        #expect(tokenizer.vocabularySize == 3)
        #expect(!tokenizer.addsBeginningOfText)
    }

    @Test func encryptedFilesAreReadAsPlainOnes() throws {
        let plain = try Fixtures.temporaryDirectory([
            "vocab.json": #"{"a":0,"b":1,"ab":2}"#, "merges.txt": "a b\n",
            "tokenizer_config.json": #"{"tokenizer_class":"GPT2Tokenizer"}"#,
        ])
        let whole = try Fixtures.temporaryDirectory(["tokenizer.json": byteLevel()])
        let encrypted = plain.appendingPathExtension("enc")
        defer { for folder in [plain, whole, encrypted] { try? FileManager.default.removeItem(at: folder) } }
        for folder in [plain, whole] {
            try? FileManager.default.removeItem(at: encrypted)
            try TurnedBits.copy(folder, to: encrypted)
            let tokenizer = try TokenizerLoader.load(path: encrypted.path, opener: TurnedBits.opener)
            #expect(tokenizer.encode("abba", parsesSpecial: false) == [2, 1, 0])
            let error = #expect(throws: TokenizerError.self) { try TokenizerLoader.load(path: encrypted.path) }
            #expect(error.map { "\($0)" }?.contains("is encrypted") == true)
        }
    }

    @Test func whatIsNotKnownIsRefusedByName() {
        let split = { (pattern: String) in
            #"{"type":"Split","pattern":{"Regex":"\#(pattern)"},"behavior":"Isolated","invert":false}"#
        }
        let examples: [(json: String, named: String)] = [
            (byteLevel(normalizer: #"{"type":"Precompiled"}"#), "Precompiled"),
            (
                byteLevel(
                    preTokenizer: #"{"type":"Sequence","pretokenizers":[\#(split("a|b")),{"type":"ByteLevel"}]}"#),
                "a|b"
            ),
            (
                byteLevel(
                    preTokenizer:
                        #"{"type":"Sequence","pretokenizers":[{"type":"Whitespace"},{"type":"ByteLevel","add_prefix_space":false}]}"#
                ), "Whitespace"
            ),
            (byteLevel(model: #"{"type":"Unigram","vocab":[]}"#), "Unigram"),
            (byteLevel(model: #"{"type":"WordLevel","vocab":{}}"#), "WordLevel"),
            (byteLevel(decoder: #"{"type":"CTC"}"#), "CTC"),
            (byteLevel(processor: #"{"type":"Own"}"#), "Own"),
            (byteLevel(model: #"{"type":"BPE","vocab":{"a":0},"merges":[],"end_of_word_suffix":"</w>"}"#), "</w>"),
            (byteLevel(preTokenizer: "null"), "pre_tokenizer"),
        ]
        for (json, named) in examples {
            #expect(failure(json).contains("not supported"), "\(failure(json))")
            #expect(failure(json).contains(named), "\(failure(json))")
        }
    }

    @Test func brokenFilesAreRefusedWithTheField() {
        let examples: [(json: String, named: String)] = [
            ("{", "byte 1"),
            ("[]", "expected an object"),
            ("{}", "model"),
            (byteLevel(model: #"{"type":"BPE","vocab":{"a":0}}"#), "model.merges"),
            (byteLevel(model: #"{"type":"BPE","vocab":[],"merges":[]}"#), "model.vocab"),
            (byteLevel(model: #"{"type":"BPE","vocab":{"a":-1},"merges":[]}"#), "model.vocab"),
            (byteLevel(model: #"{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}"#), "two pieces with the id 0"),
            (byteLevel(model: #"{"type":"BPE","vocab":{"a":9000000000},"merges":[]}"#), "9000000000"),
            (byteLevel(model: #"{"type":"BPE","vocab":{"a":0},"merges":["a b"]}"#), "model.merges[0]"),
            (byteLevel(model: #"{"type":"BPE","vocab":{"a":0},"merges":["a"]}"#), "model.merges[0]"),
            (byteLevel(model: #"{"type":"BPE","vocab":{"a":0},"merges":[1]}"#), "model.merges[0]"),
            (byteLevel(model: #"{"type":"BPE","vocab":{"a":0},"merges":[],"unk_token":"?"}"#), "unk_token"),
            (byteLevel(normalizer: #"{"type":"Sequence"}"#), "normalizer.normalizers"),
            (
                #"{"model":{"type":"BPE","vocab":{"a":0},"merges":[]},"pre_tokenizer":{"type":"ByteLevel"},"added_tokens":[{"content":"x"}]}"#,
                "added_tokens[0]"
            ),
        ]
        for (json, named) in examples {
            #expect(failure(json).contains(named), "\(failure(json))")
            #expect(failure(json).contains("tokenizer.json"))
        }
    }

    @Test func whatIsNotThereIsNamed() throws {
        #expect(throws: TokenizerError.self) { try TokenizerLoader.load(path: "/no/such/path") }
        #expect(throws: TokenizerError.self) { try load([:]) }
    }

    @Test func vocabularyAndMergesNeedToBeToldTheirPreTokenizer() throws {
        for (vocabulary, merges) in [("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe")] {
            var files = [vocabulary: #"{"a":0,"b":1,"ab":2,"\u0120":3}"#, merges: "#version: 0.2\na b\n"]
            #expect(throws: TokenizerError.self) { try load(files) }
            #expect(throws: TokenizerError.self) { try load(files, preTokenizer: "no such") }
            #expect(try load(files, preTokenizer: "gpt-2").encode("ab ab", parsesSpecial: false) == [2, 3, 2])
            files["tokenizer_config.json"] = #"""
                {"tokenizer_class":"Qwen2Tokenizer","eos_token":"<|end|>","add_bos_token":false,
                 "added_tokens_decoder":{"4":{"content":"<|end|>","special":true}}}
                """#
            let tokenizer = try load(files)
            #expect(tokenizer.encode("ab<|end|>", parsesSpecial: true) == [2, 4])
            #expect(tokenizer.endOfText == 4)
            #expect(tokenizer.isSpecial(4))
        }
    }

    @Test func theConfigurationSaysWhatStandsBeforeAText() throws {
        let json = byteLevel(
            processor: #"""
                {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
                 "pair":[],"special_tokens":{"<s>":{"id":"<s>","ids":[0],"tokens":["<s>"]}}}
                """#)
        let plain = try load(["tokenizer.json": json])
        #expect(plain.encodeWhole("b") == [0, 1])
        let told = try load([
            "tokenizer.json": json, "tokenizer_config.json": #"{"add_bos_token":false,"bos_token":{"content":"b"}}"#,
        ])
        #expect(told.encodeWhole("b") == [1])
        #expect(told.beginningOfText == 1)
    }
}

@Suite struct GGUFVocabularyTests {
    private func metadata(_ values: [String: GGUFValue]) -> GGUFMetadata {
        var metadata = GGUFMetadata()
        for (key, value) in values { metadata["tokenizer.ggml." + key] = value }
        return metadata
    }

    /// The fixture's own vocabulary, as a converter would write it.
    private func converted(_ name: String, pre: String) throws -> GGUFMetadata {
        let json = try Fixtures.json(name)
        let vocabulary = json["model"]!["vocab"]!.object!
        var tokens = vocabulary.members.sorted { $0.value.int! < $1.value.int! }.map(\.key)
        var types = [Int32](repeating: 1, count: tokens.count)
        for added in json["added_tokens"]!.array! {
            tokens.append(added["content"]!.string!)
            types.append(added["special"]!.bool! ? 3 : 4)
        }
        let merges = json["model"]!["merges"]!.array!.map { "\($0[0]!.string!) \($0[1]!.string!)" }
        return metadata([
            "model": .string("gpt2"), "pre": .string(pre), "tokens": .strings(tokens), "token_type": .int32s(types),
            "merges": .strings(merges), "bos_token_id": .uint32(1), "eos_token_id": .uint32(.max),
        ])
    }

    @Test(arguments: [("deepseek-v3", "deepseek-v3"), ("qwen2", "qwen2")])
    func aConvertedVocabularyGivesTheSameIDs(name: String, pre: String) throws {
        let tokenizer = try TokenizerLoader.load(gguf: converted(name, pre: pre))
        for example in try Fixtures.cases(of: name) {
            #expect(tokenizer.encode(example.text, parsesSpecial: true) == example.ids, "\(JSON.quoted(example.text))")
        }
        #expect(tokenizer.beginningOfText == 1)
        #expect(tokenizer.endOfText == nil)
        #expect(!tokenizer.addsBeginningOfText)
    }

    @Test func scoresOrderTheMergesOfSentencePiece() throws {
        let tokenizer = try TokenizerLoader.load(
            gguf: metadata([
                "model": .string("llama"),
                "tokens": .strings([
                    "<unk>", "<s>", "</s>", "<0xE6>", "<0xB7>", "<0xB1>", "▁", "a", "b", "▁a", "ab", "▁ab",
                ]),
                "scores": .floats([0, 0, 0, 0, 0, 0, -9, -9, -9, -2, -1, -3]),
                "token_type": .int32s([2, 3, 3, 6, 6, 6, 1, 1, 1, 1, 1, 1]), "bos_token_id": .uint32(1),
                "unknown_token_id": .uint32(0),
            ]))
        #expect(tokenizer.encode("ab", parsesSpecial: false) == [11])
        #expect(tokenizer.encode("aab", parsesSpecial: false) == [9, 10])
        #expect(tokenizer.encode("深x", parsesSpecial: false) == [6, 3, 4, 5, 0])
        #expect(tokenizer.encodeWhole("") == [1])
        #expect(tokenizer.decode([11, 6, 3, 4, 5]) == "ab 深")
        #expect(tokenizer.encode("<s>", parsesSpecial: true) == [1])
        #expect(!tokenizer.encode("<s>", parsesSpecial: false).contains(1))
    }

    @Test func wordPiecesWithMarkedWordsAreUnderstood() throws {
        let tokenizer = try TokenizerLoader.load(
            gguf: metadata([
                "model": .string("bert"),
                "tokens": .strings(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "▁play", "ing", "▁!"]),
                "token_type": .int32s([3, 3, 3, 3, 1, 1, 1]), "cls_token_id": .uint32(2),
                "seperator_token_id": .uint32(3),
                "unknown_token_id": .uint32(1),
            ]))
        #expect(tokenizer.encodeWhole("Playing! plays") == [2, 4, 5, 6, 1, 3])
        #expect(tokenizer.decode([4, 5, 6]) == "playing !")
    }

    @Test func lyingVocabulariesAreRefused() {
        let tokens = GGUFValue.strings(["a", "b"])
        let broken: [[String: GGUFValue]] = [
            [:],
            ["model": .string("t5"), "tokens": tokens],
            ["model": .string("gpt2"), "pre": .string("unheard"), "tokens": tokens, "merges": .strings([])],
            ["model": .string("gpt2"), "pre": .string("gpt-2")],
            ["model": .string("gpt2"), "pre": .string("gpt-2"), "tokens": tokens],
            ["model": .string("gpt2"), "pre": .string("gpt-2"), "tokens": tokens, "merges": .int32s([1])],
            [
                "model": .string("gpt2"), "pre": .string("gpt-2"), "tokens": tokens, "merges": .strings([]),
                "token_type": .int32s([1]),
            ],
            ["model": .string("llama"), "tokens": tokens],
            ["model": .string("llama"), "tokens": tokens, "scores": .floats([0])],
            ["model": .string("llama"), "tokens": tokens, "scores": .floats([0, .nan])],
        ]
        for values in broken {
            #expect(throws: TokenizerError.self) { try TokenizerLoader.load(gguf: metadata(values)) }
        }
    }
}
