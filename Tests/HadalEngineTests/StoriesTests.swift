import Foundation
import HadalEngine
import HadalJSON
import TestSupport
import Testing

/// A real trained model, against what llama2.c says of it.
@Suite(.enabled(if: SharedData.root != nil, "needs ../shared/data")) struct StoriesTests {
    @Test func storiesAreToldWordForWord() async throws {
        let folder = try #require(SharedData.file("weights/stories260K"))
        let known = try JSON(parsing: Data(contentsOf: folder.appendingPathComponent("known-good-output.json")))
        let host = try ModelHost.load(folder.appendingPathComponent("stories260K.gguf").path)
        let answer = try await host.engine.answer(.test(host.textPrompt(""), 200) { $0.sampling.temperature = 0 })
        let words = answer.text.split(whereSeparator: \.isWhitespace)
        #expect(words == known["expected"]?.string?.split(whereSeparator: \.isWhitespace))
    }
}
