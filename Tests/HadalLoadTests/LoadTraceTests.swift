import Foundation
import HadalJSON
import TestSupport
import Testing

@testable import HadalLoad

@Suite(.timeLimit(.minutes(15)))
struct LoadTraceTests {
    @Test func azure() throws {
        let text = """
            TIMESTAMP,ContextTokens,GeneratedTokens
            2023-11-16 23:59:59.5000000,374,44
            2023-11-17 00:00:01.2500000,396,109\r

            2023-11-17 00:00:01.2500000,879,0
            """
        let trace = try LoadTrace(text: text, file: "conv.csv")
        #expect(trace.entries.map(\.time) == [0, 1.75, 1.75])
        #expect(trace.entries.map(\.promptTokens) == [374, 396, 879])
        // Of no tokens nothing could be asked.
        #expect(trace.entries.map(\.answerTokens) == [44, 109, 1])
    }

    @Test func mooncake() throws {
        let text = """
            {"timestamp": 1000, "input_length": 1030, "output_length": 6, "hash_ids": [0, 1, 2]}
            {"timestamp": 4000, "input_length": 600, "output_length": 7, "hash_ids": [0, 9]}
            """
        let trace = try LoadTrace(text: text, file: "trace.jsonl")
        #expect(trace.entries.map(\.time) == [0, 3])
        #expect(trace.entries.map(\.blocks) == [[0, 1, 2], [0, 9]])
    }

    @Test(arguments: [
        ("", 1, "nothing"), ("TIMESTAMP,ContextTokens,GeneratedTokens\n", 1, "nothing"),
        ("h\n2023-11-16 18:15:46,1", 2, "TIMESTAMP"), ("h\nyesterday,1,2", 2, "time"),
        ("h\n2023-11-16 18:15:46,many,2", 2, "prompt"), ("h\n2023-11-16 18:15:46,1,-2", 2, "answer"),
        ("h\n2023-11-16 18:15:46,1,2\n2023-11-16 18:15:45,1,2", 3, "earlier"),
        ("{\"timestamp\": 0, \"input_length\": 1, \"output_length\": 1}\n{", 2, "JSON"),
        ("{\"input_length\": 1, \"output_length\": 1}", 1, "timestamp"),
        ("{\"timestamp\": 0, \"output_length\": 1}", 1, "prompt"),
        ("{\"timestamp\": 0, \"input_length\": 99999999999, \"output_length\": 1}", 1, "prompt"),
    ])
    func whatIsNoneSaysWhere(text: String, line: Int, word: String) throws {
        let error = #expect(throws: LoadError.self) { try LoadTrace(text: text, file: "t") }
        guard case .badTrace("t", line, let problem) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(problem.contains(word))
    }

    /// The published files, where they are.
    @Test(.enabled(if: SharedData.file("traces/AzureLLMInferenceTrace_conv.csv") != nil))
    func publishedTraces() throws {
        let azure = try LoadTrace(file: try #require(SharedData.file("traces/AzureLLMInferenceTrace_conv.csv")).path)
        #expect(azure.entries.count > 19_000)
        #expect(azure.entries[1].time > 4.3 && azure.entries[1].time < 4.4)
        let mooncake = try LoadTrace(file: try #require(SharedData.file("traces/mooncake_synthetic_trace.jsonl")).path)
        #expect(mooncake.entries.count > 1000)
        #expect(mooncake.entries.allSatisfy { !$0.blocks.isEmpty })
    }
}
