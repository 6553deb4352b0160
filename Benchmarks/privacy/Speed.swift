import Foundation
import HadalPrivacy
import HadalText

/// Megabytes a second of one core on ordinary text, and the time for inputs that are made to be slow.
enum Speed {
    static func run(_ data: URL, _ scanner: PrivacyScanner) throws {
        print("\ntext | MB | normalisation MB/s | all recognizers MB/s | findings")
        for (name, text) in try texts(data) {
            let bytes = Array(text.utf8)
            let normalising = seconds { _ = NormalisedText(utf8: bytes).bytes.count }
            var found = 0
            let scanning = seconds { found = scanner.findings(in: NormalisedText(utf8: bytes)).count }
            let megabytes = Double(bytes.count) / 1e6
            print(
                name, round(megabytes), round(megabytes / normalising), round(megabytes / scanning), found,
                separator: " | ")
        }
        print("\nhostile text | ms for 1 MB | ms for 2 MB")
        for (name, unit) in hostile {
            let times = [1_000_000, 2_000_000].map { size in
                let bytes = Array(String(repeating: unit, count: size / unit.utf8.count).utf8)
                return seconds { _ = scanner.findings(in: NormalisedText(utf8: bytes)).count }
            }
            print(name, round(times[0] * 1000), round(times[1] * 1000), separator: " | ")
        }
    }

    private static let hostile: [(String, String)] = [
        ("digits", "1"), ("letters", "a"), ("at signs", "@"), ("a@", "a@"), ("a.a.…@", "a.a.a.a@"),
        ("digit groups", "1 "),
        ("brackets", "(1) "), ("groups of four", "4111 "), ("card numbers", "4111111111111111 "),
        ("phones", "13800138000,"), ("plus signs", "+86"),
        ("hyphens", "-"), ("key beginnings", "sk-"), ("web tokens", "eyJ-"), ("web token parts", "eyJaaaaaa."),
        ("key headers", "-----BEGIN PRIVATE KEY-----"),
        ("colons", ":"), ("hexadecimal groups", "a1:"), ("shortened addresses", "a1::"), ("URLs", "a://"),
        ("credentials", "a://b:c@"), ("quotes", "\""),
        ("passwords", "password:"), ("labels", "姓名"), ("addresses", "地址"), ("regions", "北京市"),
        ("address parts", "上海市区路1号"), ("names", "张三先生"),
        ("full-width digits", "１"), ("zero-width spaces", "\u{200B}"), ("plates", "京A1"), ("IBAN beginnings", "GB82 "),
        ("nested quotes", "[[{{((\"'"),
    ]

    private static func texts(_ data: URL) throws -> [(String, String)] {
        func read(_ path: String) throws -> String {
            try String(contentsOf: data.appendingPathComponent(path), encoding: .utf8)
        }
        let chinese =
            try read("security/benign/belle-zh.jsonl") + read("rag/xquad/zh.passages.jsonl")
            + read("rag/cmrc2018/zh.passages.jsonl")
        let identifiers = try read("security/pii/chinese-identifiers.jsonl")
        return [
            ("English (Shakespeare)", try read("text/tinyshakespeare.txt")),
            ("English (Cranfield, JSON)", try read("rag/cranfield/docs.jsonl")),
            ("Chinese", chinese),
            ("full of identifiers", String(repeating: identifiers, count: 40)),
        ]
    }

    /// Seconds of the processor, so that others on the machine count less; the best of five.
    private static func seconds(_ body: () -> Void) -> Double {
        (0..<5).map { _ in
            let start = clock()
            body()
            return Double(clock() - start) / Double(CLOCKS_PER_SEC)
        }.min() ?? 0
    }

    private static func round(_ value: Double) -> String { String(format: value < 10 ? "%.2f" : "%.0f", value) }
}
