import Foundation

/// A file of keywords, one a line. Empty lines and those that begin with `#` are passed over; `\#` begins a keyword with `#`.
enum KeywordFile {
    static let sizeLimit = 64 << 20

    static func keywords(_ bytes: [UInt8]) -> [(text: String, line: Int)]? {
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        guard let text = String(validating: content, as: UTF8.self) else { return nil }
        var keywords: [(String, Int)] = []
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            var keyword = String(line).trimmingCharacters(in: .whitespacesAndNewlines)
            guard !keyword.isEmpty, !keyword.hasPrefix("#") else { continue }
            if keyword.hasPrefix("\\#") { keyword.removeFirst() }
            keywords.append((keyword, index + 1))
        }
        return keywords
    }
}
