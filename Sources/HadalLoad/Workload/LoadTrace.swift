import Foundation
import HadalJSON

/// Questions of a service as they were recorded: when, and how long they and their answers were.
public struct LoadTrace: Sendable, Hashable {
    public struct Entry: Sendable, Hashable {
        /// Seconds after the first.
        public let time: Double
        public let promptTokens: Int
        public let answerTokens: Int
        /// What the prompt consists of, in blocks of `blockTokens`: prompts that begin with the same numbers begin with the
        /// same text. Empty where that was not recorded.
        public let blocks: [Int]
    }

    /// Of Mooncake's traces.
    static let blockTokens = 512
    private static let bytesMax = 1 << 30
    private static let tokensMax = 1 << 24

    public let entries: [Entry]

    /// Reads Azure's form (CSV: `TIMESTAMP,ContextTokens,GeneratedTokens`, times as `2023-11-16 18:15:46.68`) or Mooncake's
    /// (a JSON object a line: `timestamp` in milliseconds, `input_length`, `output_length`, `hash_ids`).
    /// - Throws: `LoadError`, which names file and line.
    public init(file: String) throws(LoadError) {
        guard let data = FileManager.default.contents(atPath: file) else { throw .unreadable(file: file) }
        guard data.count <= Self.bytesMax else { throw .badTrace(file: file, line: 0, problem: "more than 1 GB") }
        try self.init(text: String(decoding: data, as: UTF8.self), file: file)
    }

    init(text: String, file: String) throws(LoadError) {
        let isJSON = text.first { !$0.isWhitespace } == "{"
        var entries: [Entry] = []
        var first: Double?
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || !isJSON && index == 0 { continue }
            func refuse(_ problem: String) -> LoadError { .badTrace(file: file, line: index + 1, problem: problem) }
            let (time, entry) = isJSON ? try Self.mooncake(line, refuse) : try Self.azure(line, refuse)
            let start = first ?? time
            first = start
            guard time - start >= (entries.last?.time ?? 0) else { throw refuse("earlier than the line before it") }
            entries.append(
                Entry(
                    time: time - start, promptTokens: entry.promptTokens, answerTokens: entry.answerTokens,
                    blocks: entry.blocks))
        }
        guard !entries.isEmpty else { throw .badTrace(file: file, line: 1, problem: "nothing is recorded in it") }
        self.entries = entries
    }

    private static func entry(
        _ prompt: Int?, _ answer: Int?, _ blocks: [Int], _ refuse: (String) -> LoadError
    ) throws(LoadError) -> Entry {
        guard let prompt, (0...tokensMax).contains(prompt) else { throw refuse("no number of prompt tokens") }
        guard let answer, (0...tokensMax).contains(answer) else { throw refuse("no number of answer tokens") }
        return Entry(time: 0, promptTokens: max(1, prompt), answerTokens: max(1, answer), blocks: blocks)
    }

    private static func mooncake(
        _ line: String, _ refuse: (String) -> LoadError
    ) throws(LoadError) -> (time: Double, entry: Entry) {
        guard let json = try? JSON(parsing: line) else { throw refuse("no JSON object") }
        guard let time = json["timestamp"]?.double, time.isFinite else {
            throw refuse("no 'timestamp' in milliseconds")
        }
        let blocks = (json["hash_ids"]?.array ?? []).compactMap(\.int)
        let entry = try entry(json["input_length"]?.int, json["output_length"]?.int, blocks, refuse)
        return (time / 1000, entry)
    }

    private static func azure(
        _ line: String, _ refuse: (String) -> LoadError
    ) throws(LoadError) -> (time: Double, entry: Entry) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 3 else { throw refuse("not TIMESTAMP,ContextTokens,GeneratedTokens") }
        guard let time = seconds(fields[0]) else { throw refuse("no time as 2023-11-16 18:15:46.68") }
        return (time, try entry(Int(fields[1]), Int(fields[2]), [], refuse))
    }

    /// Since the epoch, of `YYYY-MM-DD HH:MM:SS[.fraction][+00:00]`.
    private static func seconds(_ text: Substring) -> Double? {
        guard
            let match = text.wholeMatch(
                of: /(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(\.\d+)?(?:Z|\+00:00)?/)
        else { return nil }
        var parts = DateComponents()
        (parts.year, parts.month, parts.day) = (Int(match.1), Int(match.2), Int(match.3))
        (parts.hour, parts.minute, parts.second) = (Int(match.4), Int(match.5), Int(match.6))
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        guard let date = calendar.date(from: parts) else { return nil }
        return date.timeIntervalSince1970 + (match.7.flatMap { Double("0" + $0) } ?? 0)
    }
}
