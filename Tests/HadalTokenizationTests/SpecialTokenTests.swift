import HadalTokenization
import Testing

@Suite struct SpecialTokenTests {
    @Test func aUsersWordsNeverBecomeControlTokens() throws {
        let tokenizer = try Fixtures.tokenizer("deepseek-v3")
        for control in ["<｜begin▁of▁sentence｜>", "<｜User｜>", "<think>"] {
            let id = try #require(tokenizer.id(of: control))
            #expect(tokenizer.encode(control, parsesSpecial: true) == [id])
            let ids = tokenizer.encode("a \(control) b", parsesSpecial: false)
            #expect(!ids.contains(id))
            #expect(tokenizer.decode(ids) == "a \(control) b")
        }
    }

    @Test func anAddedWordThatIsNoMarkupIsAlwaysOneToken() throws {
        let tokenizer = try Fixtures.tokenizer("deepseek-v3")
        let id = try #require(tokenizer.id(of: "模型!"))
        #expect(tokenizer.encode("模型!", parsesSpecial: false) == [id])
    }

    @Test func specialTokensAreToldFromOthers() throws {
        let tokenizer = try Fixtures.tokenizer("deepseek-v3")
        #expect(tokenizer.isSpecial(try #require(tokenizer.id(of: "<｜begin▁of▁sentence｜>"))))
        #expect(!tokenizer.isSpecial(try #require(tokenizer.id(of: "<think>"))))
        #expect(!tokenizer.isSpecial(-1))
        #expect(!tokenizer.isSpecial(1_000_000))
        #expect(tokenizer.bytes(of: -1).isEmpty)
        #expect(tokenizer.bytes(of: 1_000_000).isEmpty)
    }

    @Test func theVocabularySizeCountsAddedTokens() throws {
        let tokenizer = try Fixtures.tokenizer("deepseek-v3")
        let last = try #require(tokenizer.id(of: "模型!"))
        #expect(tokenizer.vocabularySize == Int(last) + 1)
    }

    @Test(arguments: ["deepseek-v3", "gpt-2", "llama-prepend", "bert"])
    func aPieceIsFoundByItsText(name: String) throws {
        let tokenizer = try Fixtures.tokenizer(name)
        for text in ["a", " t", "t"] {
            guard let id = tokenizer.id(of: text) else { continue }
            let bytes = String(decoding: tokenizer.bytes(of: id), as: UTF8.self)
            #expect(name == "bert" ? bytes == " " + text : bytes == text)
        }
        #expect(tokenizer.id(of: "no such piece") == nil)
        #expect(tokenizer.id(of: "") == nil)
    }

    @Test func bertStandsBetweenItsEnds() throws {
        let tokenizer = try Fixtures.tokenizer("bert")
        #expect(tokenizer.beginningOfText == tokenizer.id(of: "[CLS]"))
        #expect(tokenizer.endOfText == tokenizer.id(of: "[SEP]"))
        #expect(tokenizer.addsBeginningOfText)
        #expect(tokenizer.addsEndOfText)
        #expect(tokenizer.encodeWhole("") == [tokenizer.beginningOfText, tokenizer.endOfText])
    }
}
