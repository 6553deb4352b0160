import Foundation
import HadalCheckpoint
import HadalEngine
import HadalJSON
import HadalTemplates
import TestSupport
import Testing

/// A model whose files are encrypted answers as the plain one.
@Suite struct EncryptedFilesTests {
    private let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    @Test func aHostAnswersWithTheSameTokens() async throws {
        let plain = try TinyModel.write()
        defer { try? FileManager.default.removeItem(atPath: plain) }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: plain))
        let path = try directory.write(TurnedBits.encrypted(bytes), "tiny.gguf.enc")
        #expect(throws: CheckpointError.self) { try ModelHost.load(path) }
        var options = LoadOptions()
        options.threads = 1
        options.opener = TurnedBits.opener
        // A draft model's file may be encrypted too.
        options.draftModel = path
        let host = try ModelHost.load(path, options: options)
        #expect(host.name == "tiny" && host.chatFormat != nil)
        options.draftModel = nil
        let request = GenerationRequest.test(prompt(60, seed: 3), 20)
        let expected = try await ModelHost.load(plain, options: options).engine.answer(request)
        #expect(try await host.engine.answer(request).tokens == expected.tokens)
    }

    @Test func theChatFormatOfADirectoryIsReadFromEncryptedFiles() throws {
        let (plain, encrypted) = (directory.url.appendingPathComponent("a"), directory.url.appendingPathComponent("b"))
        try FileManager.default.createDirectory(at: plain, withIntermediateDirectories: true)
        try Data("{% for m in messages %}<{{ m.content }}>{% endfor %}".utf8).write(
            to: plain.appendingPathComponent("chat_template.jinja"))
        try Data("{}".utf8).write(to: plain.appendingPathComponent("tokenizer_config.json"))
        try TurnedBits.copy(plain, to: encrypted)
        let format = try #require(
            try ModelFiles.chatFormat(in: encrypted, modelType: "llama", opener: TurnedBits.opener))
        let text = try format.render(
            messages: [["role": "user", "content": "Hi"]], tools: nil, addGenerationPrompt: false, variables: .init())
        #expect(text == "<Hi>")
        // Not taken for a base model's.
        #expect(throws: CheckpointError.self) { try ModelFiles.chatFormat(in: encrypted, modelType: "llama") }
    }
}
