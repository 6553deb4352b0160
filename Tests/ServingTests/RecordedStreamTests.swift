import Foundation
import HadalClient
import HadalJSON
import HadalWire
import TestSupport
import Testing

/// Streams that other servers sent, read by what reads our own.
@Suite(.enabled(if: SharedData.file("api/recorded-streams") != nil, "needs ../shared/data"))
struct RecordedStreamTests {
    private static let chats = files("api/recorded-streams/replays") { $0.contains("chat") }

    private static func files(_ folder: String, _ isWanted: (String) -> Bool) -> [String] {
        guard let root = SharedData.file(folder),
            let found = FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.isRegularFileKey])
        else { return [] }
        return found.compactMap { $0 as? URL }
            .filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true }
            .map(\.path).filter(isWanted).sorted()
    }

    private static func answer(_ chunks: [String]) throws -> (ChatAnswer, text: String) {
        var reader = ChatEventReader()
        var text = ""
        for chunk in chunks {
            for case .content(let piece) in try reader.read(chunk) { text += piece }
        }
        guard case .finished(let answer) = reader.finish() else { throw CancellationError() }
        return (answer, text)
    }

    @Test(arguments: chats) func aStreamIsReadWhole(path: String) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        // In pieces that end anywhere.
        var parser = ServerSentEventParser()
        var data: [String] = []
        for start in stride(from: 0, to: bytes.count, by: 61) {
            data += try parser.feed(bytes[start..<min(start + 61, bytes.count)]).map(\.data)
        }
        // Some recordings were cut off before the end.
        let chunks = data.filter { $0.hasPrefix("{") }
        #expect(data.count - chunks.count <= 1)
        let (answer, text) = try Self.answer(chunks)
        let told = try chunks.compactMap {
            try JSON(parsing: $0)["choices"]?[0]?["delta"]?["content"]?.string
        }
        #expect(!text.isEmpty && text == told.joined() && answer.content == text)
    }

    @Test func deepSeeksOwnChunksAreRead() throws {
        let file = try #require(SharedData.file("api/deepseek-recorded/deepseek-text.chunks.txt"))
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        let (answer, text) = try Self.answer(lines)
        #expect(answer.finish == .length && answer.usage == Usage(promptTokens: 13, completionTokens: 400))
        #expect(answer.content == text && text.hasPrefix("##"))
    }
}
