import Foundation

/// Text in the header of a mail: plain where it is ASCII and short, else as encoded words (RFC 2047).
enum HeaderText {
    private static let lineMax = 76

    /// - Parameter used: characters of the header's first line before the text.
    static func encoded(_ text: String, after used: Int) -> String {
        let text = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
        let isPlain = text.utf8.allSatisfy { $0 < 127 } && !text.contains("=?") && text.utf8.count <= lineMax - used
        return isPlain ? text : words(text, used).joined(separator: "\r\n ")
    }

    private static func words(_ text: String, _ used: Int) -> [String] {
        var words: [String] = []
        var bytes: [UInt8] = []
        // Of base64 in the first word, then in the others; a character must not be cut.
        var room = (lineMax - used - frame) / 4 * 3
        for scalar in text.unicodeScalars {
            let next = Array(String(scalar).utf8)
            if bytes.count + next.count > room {
                words.append(word(bytes))
                bytes = []
                room = (lineMax - 1 - frame) / 4 * 3
            }
            bytes += next
        }
        return words + [word(bytes)]
    }

    private static let frame = "=?utf-8?B??=".utf8.count

    private static func word(_ bytes: [UInt8]) -> String { "=?utf-8?B?\(Data(bytes).base64EncodedString())?=" }
}
