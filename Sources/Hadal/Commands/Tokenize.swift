import ArgumentParser
import Foundation
import HadalEngine
import HadalJSON
import HadalTokenization

struct Tokenize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn text into token ids, or ids into text.",
        discussion: """
            Reads standard input. MODEL may also be a folder with only a tokenizer (tokenizer.json, or vocab.json and
            merges.txt).

            Examples:
              echo -n 'Hello, world' | hadal tokenize model.gguf --json
              echo '19923 14 2058' | hadal tokenize model.gguf --decode
            """)

    @Argument(help: "A model, or a folder with a tokenizer.") var model: String
    @Flag(help: "Read ids (separated by spaces or commas, or JSON) and write text.") var decode = false
    @Flag(help: "Do not add the tokens that begin a text.") var noSpecial = false
    @Flag(help: "Write JSON.") var json = false
    @OptionGroup(title: "Encrypted models") var secrets: Secrets.Options

    func run() async throws {
        let tokenizer = try TokenizerLoader.load(
            path: ModelFiles.resolve(model), opener: try await secrets.opener(for: model))
        let input = FileHandle.standardInput.readDataToEndOfFile()
        if decode {
            let text = try decoded(input, by: tokenizer)
            print(json ? JSON.object(.init([("text", .string(text))])).text : text, terminator: json ? "\n" : "")
        } else {
            guard let text = String(validating: input, as: UTF8.self) else {
                throw CommandFailure("standard input is not UTF-8 text")
            }
            let ids =
                noSpecial
                ? tokenizer.encode(text, parsesSpecial: true) : tokenizer.encodeWhole(text, parsesSpecial: true)
            let list = ids.map(String.init).joined(separator: json ? "," : " ")
            print(json ? "{\"ids\":[\(list)]}" : list)
        }
    }

    private func decoded(_ input: Data, by tokenizer: any Tokenizer) throws -> String {
        let words = String(decoding: input, as: UTF8.self).replacing("\"ids\"", with: "")
            .split { !$0.isNumber && !$0.isLetter && $0 != "-" }
        var detokenizer = StreamingDetokenizer(tokenizer, skipsSpecial: false)
        var text = ""
        for word in words {
            guard let id = Int32(word), id >= 0, id < tokenizer.vocabularySize else {
                throw CommandFailure("'\(word)' is no token id of this model (0 to \(tokenizer.vocabularySize - 1))")
            }
            text += detokenizer.push(id)
        }
        return text + detokenizer.flush()
    }
}
