// What 200 rules cost per request of 4 kB, and how fast thousands of keywords are found.
//
//   swift build -c release && B=.build/release
//   O() { for m in "$@"; do find $B/$m.build -name '*.o'; done; }
//   swiftc -O -parse-as-library -I $B/Modules Benchmarks/rules.swift -o /tmp/rules \
//     $(O HadalRules HadalText HadalJSON Yams CYaml Crypto CryptoBoringWrapper CCryptoBoringSSL CCryptoBoringSSLShims CXKCP CXKCPShims) \
//     -lstdc++
//   /tmp/rules [ROUNDS]
//
// The texts are made of words that the rules look for here and there; of each kind a hundred, so that no cache knows them.
import Foundation
import HadalRules
import HadalText

/// The same numbers in every run.
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let mixed = (state ^ (state >> 31)) &* 0x9E37_79B9_7F4A_7C15
        return mixed ^ (mixed >> 29)
    }
}

struct Words {
    var dice = Dice(state: 1)
    private let syllables = [
        "an", "ber", "co", "de", "el", "fin", "ger", "ho", "in", "ker", "lo", "men", "no", "or", "pas", "re", "ser", "ti",
    ]

    mutating func english() -> String {
        (0..<Int.random(in: 1...4, using: &dice)).map { _ in syllables.randomElement(using: &dice)! }.joined()
    }

    mutating func chinese(_ count: Int) -> String {
        // The more common characters more often, as in real texts.
        String(
            String.UnicodeScalarView(
                (0..<count).compactMap { _ in
                    let spread = UInt32.random(in: 1...80, using: &dice) * UInt32.random(in: 1...80, using: &dice)
                    return Unicode.Scalar(0x4E00 + spread)
                }))
    }

    mutating func text(_ bytes: Int, isChinese: Bool, with hits: [String]) -> String {
        var text = ""
        while text.utf8.count < bytes {
            if Int.random(in: 0..<150, using: &dice) == 0, let hit = hits.randomElement(using: &dice) {
                text += " " + hit
            } else {
                text += isChinese ? chinese(Int.random(in: 2...12, using: &dice)) + "，" : " " + english()
            }
        }
        return text
    }
}

struct Sets {
    var words = Words()
    var hits: [String] = []

    /// 120 rules with 20 keywords each, one with 5000, 60 expressions with a word in them, 12 without, 7 on metadata and scores.
    mutating func yaml() -> String {
        var rules: [String] = []
        func quoted(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ", ") }
        func add(_ when: String, _ action: String = "action: tag, tags: [t]") {
            rules.append("- {id: r\(rules.count), when: \(when), \(action)}")
        }
        for index in 0..<120 {
            var keywords: [String] = []
            for _ in 0..<10 { keywords += ["\(words.english()) \(words.english())s", words.chinese(4)] }
            hits.append(keywords[index % 20])
            add("{keywords: [\(quoted(keywords))]}", index % 4 == 0 ? "action: replace, with: '*'" : "weight: 1")
        }
        add("{keywords: [\(quoted((0..<5000).map { $0 % 2 == 0 ? words.chinese(4) : words.english() + "x" + words.english() }))]}")
        for _ in 0..<60 {
            let word = words.english() + "q" + words.english()
            hits.append(word + " 1234")
            add("{regex: '\\b(?:\(word)|\(words.chinese(4)))\\s{0,3}[:#]?\\s{0,3}\\d{4,12}\\b', ignore_case: true}")
        }
        for index in 0..<12 { add("{regex: '\\b\\d{\(4 + index)}-?[A-Z\\p{Han}]{\(2 + index)}\\b', at_least: 2}") }
        for index in 0..<7 { add("{all: [{metadata: {tenant: 't\(index)*'}}, {score: firewall, above: 0.5}]}") }
        return "version: 1\nthresholds: {review: 5}\nrules:\n" + rules.joined(separator: "\n") + "\n"
    }
}

@main
struct Benchmark {
    static func seconds(_ work: () -> Void) -> Double {
        let start = DispatchTime.now().uptimeNanoseconds
        work()
        return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    }

    static func row(_ name: String, _ times: [Double], _ note: String = "") {
        let sorted = times.sorted()
        func microseconds(_ share: Double) -> String {
            String(format: "%8.0f", sorted[Int(Double(sorted.count - 1) * share)] * 1e6)
        }
        print(name.padding(toLength: 44, withPad: " ", startingAt: 0), microseconds(0.5), microseconds(0.99), note)
    }

    static func main() throws {
        let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 10
        var sets = Sets()
        let path = NSTemporaryDirectory() + "hadal-rules-\(ProcessInfo.processInfo.processIdentifier).yaml"
        try sets.yaml().write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var loaded: RuleSet?
        let loading = seconds { loaded = try? RuleSet.load(path) }
        guard let set = loaded else { return print("the rules cannot be loaded: \(try RuleSet.load(path))") }
        print("\(set.rules.count) rules, \(set.keywordCount) keywords; loaded in \(Int(loading * 1000)) ms")
        print("of 4 kB".padding(toLength: 44, withPad: " ", startingAt: 0), " p50 µs   p99 µs")
        for (name, isChinese, hits) in [
            ("English", false, []), ("English, words planted", false, sets.hits), ("Chinese", true, []),
            ("Chinese, words planted", true, sets.hits),
        ] {
            let texts = (0..<100).map { _ in sets.words.text(4096, isChinese: isChinese, with: hits) }
            var times: [Double] = []
            var found = 0
            for _ in 0..<rounds {
                for text in texts {
                    times.append(seconds { found += set.evaluate(RuleInput(.input, text)).hits.count })
                }
            }
            row(name, times, "\(found / times.count) rules hit")
            times = (0..<min(rounds, 3)).flatMap { _ in texts.prefix(20).map { text in seconds { stream(text, set) } } }
            row(name + ", streamed by 4 characters", times)
        }
        keywords(&sets.words, rounds)
    }

    static func stream(_ text: String, _ set: RuleSet) {
        var stream = set.stream()
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty {
            _ = stream.append(String(rest.prefix(4)))
            rest = rest.dropFirst(4)
        }
        _ = stream.finish()
    }

    static func keywords(_ words: inout Words, _ rounds: Int) {
        for count in [100, 5000, 50_000] {
            let keywords = (0..<count).map { $0 % 2 == 0 ? words.chinese(4) : words.english() + words.english() + "x" }
            let matcher = KeywordMatcher(keywords.map { .init($0) })
            for isChinese in [false, true] {
                let text = Array(words.text(1 << 20, isChinese: isChinese, with: []).utf8)
                var matches = 0
                let times = (0..<rounds).map { _ in
                    seconds { text.withUnsafeBufferPointer { text in matcher.search(text) { _ in matches += 1 } } }
                }
                let rate = Double(text.count) / (times.min() ?? 1) / 1e6
                print(
                    "\(count) keywords in \(isChinese ? "Chinese" : "English"): \(Int(rate)) MB/s, "
                        + "\(matcher.memorySize / 1024) KiB, \(matches / rounds) matches in 1 MiB")
            }
        }
    }
}
