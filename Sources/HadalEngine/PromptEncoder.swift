import HadalJSON
import HadalTemplates
import HadalTokenization

/// Writes a conversation as token ids, so that special tokens come from the template alone.
///
/// A caller's text may contain a special token's text (`<｜Assistant｜>`). It is replaced by a random marker before the
/// template is rendered; the rendered text is then cut at the special tokens that the template wrote, and the markers
/// become ordinary text again between the cuts.
struct PromptEncoder: Sendable {
    let tokenizer: any Tokenizer
    private let specialTexts: [String: Int32]
    private let firstBytes: Set<UInt8>
    private let longest: Int

    init(_ tokenizer: any Tokenizer) {
        self.tokenizer = tokenizer
        var texts: [String: Int32] = [:]
        for id in 0..<Int32(tokenizer.vocabularySize) where tokenizer.isSpecial(id) {
            let text = String(decoding: tokenizer.bytes(of: id), as: UTF8.self)
            if !text.isEmpty { texts[text] = id }
        }
        specialTexts = texts
        firstBytes = Set(texts.keys.compactMap(\.utf8.first))
        longest = texts.keys.map(\.utf8.count).max() ?? 0
    }

    /// - Returns: the ids, and the text they stand for.
    func encode(
        _ format: ChatFormat, messages: [JSON], tools: [JSON]?, addGenerationPrompt: Bool, variables: JSON.Object
    ) throws -> (tokens: [Int32], text: String) {
        var markers = Markers()
        let safeMessages = messages.map { marked($0, &markers) }
        let safeTools = tools?.map { marked($0, &markers) }
        var safeVariables = JSON.Object()
        for (key, value) in variables.members { safeVariables[key] = marked(value, &markers) }
        let text = try format.render(
            messages: safeMessages, tools: safeTools, addGenerationPrompt: addGenerationPrompt, variables: safeVariables)
        guard !markers.texts.isEmpty else { return (tokenizer.encode(text, parsesSpecial: true), text) }
        var tokens: [Int32] = []
        var plain: [UInt8] = []
        func flush() {
            guard !plain.isEmpty else { return }
            let own = markers.restore(String(decoding: plain, as: UTF8.self))
            tokens += tokenizer.encode(own, parsesSpecial: false)
            plain = []
        }
        scan(Array(text.utf8)) { byte in
            plain.append(byte)
        } special: { id, _ in
            flush()
            tokens.append(id)
        }
        flush()
        return (tokens, markers.restore(text))
    }

    /// Walks through `bytes`: each longest special text once, every other byte as it is.
    private func scan(_ bytes: [UInt8], plain: (UInt8) -> Void, special: (Int32, String) -> Void) {
        var index = 0
        while index < bytes.count {
            if firstBytes.contains(bytes[index]), let found = longestSpecial(at: index, in: bytes) {
                special(found.id, found.text)
                index += found.text.utf8.count
            } else {
                plain(bytes[index])
                index += 1
            }
        }
    }

    private func longestSpecial(at index: Int, in bytes: [UInt8]) -> (id: Int32, text: String)? {
        for length in stride(from: min(longest, bytes.count - index), to: 0, by: -1) {
            guard let text = String(validating: bytes[index..<index + length], as: UTF8.self) else { continue }
            if let id = specialTexts[text] { return (id, text) }
        }
        return nil
    }

    private func marked(_ value: JSON, _ markers: inout Markers) -> JSON {
        switch value {
        case .string(let text): return .string(marked(text, &markers))
        case .array(let values): return .array(values.map { marked($0, &markers) })
        case .object(let object):
            return .object(JSON.Object(object.members.map { (marked($0.key, &markers), marked($0.value, &markers)) }))
        default: return value
        }
    }

    private func marked(_ text: String, _ markers: inout Markers) -> String {
        guard text.utf8.contains(where: firstBytes.contains) else { return text }
        var result: [UInt8] = []
        var found = false
        scan(Array(text.utf8)) { result.append($0) } special: { _, special in
            found = true
            result += markers.marker(for: special).utf8
        }
        return found ? String(decoding: result, as: UTF8.self) : text
    }

    /// Unforgeable stand-ins: 128 random bits for each prompt.
    private struct Markers {
        private let nonce = String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
        private(set) var texts: [String] = []

        mutating func marker(for text: String) -> String {
            let index = texts.firstIndex(of: text) ?? texts.count
            if index == texts.count { texts.append(text) }
            return "[\(nonce):\(index)]"
        }

        func restore(_ text: String) -> String {
            var text = text
            for (index, original) in texts.enumerated() {
                text = text.split(separator: "[\(nonce):\(index)]", omittingEmptySubsequences: false).joined(separator: original)
            }
            return text
        }
    }
}
