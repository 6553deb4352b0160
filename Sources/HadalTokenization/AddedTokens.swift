/// A token that is found in text as a whole, before anything is cut or merged.
struct AddedToken: Sendable, Hashable {
    var id: Int32
    var content: String
    /// Not part of what a person reads.
    var isSpecial = false
    /// Looked for after normalization, in its normalized form.
    var isNormalized = false
    /// Only where no letter, digit or underscore touches it.
    var isSingleWord = false
    /// Takes white space before (after) it along.
    var stripsLeft = false
    var stripsRight = false

    /// Whether a person's text must not become this token: all special ones, and those that look like markup. DeepSeek's
    /// `<｜User｜>` and `<think>` are marked as not special in its `tokenizer.json` and are control tokens none the less.
    var isControl: Bool {
        isSpecial || (content.hasPrefix("<") && content.hasSuffix(">"))
            || (content.hasPrefix("[") && content.hasSuffix("]") && content.utf8.count > 2)
    }
}

/// Finds a set of added tokens in text: leftmost, then longest.
struct AddedTokenFinder: Sendable {
    enum Part: Hashable {
        case text(Range<Int>)
        case token(AddedToken)
    }

    private let tokens: [AddedToken]
    /// Child of a trie's node by `node << 8 | byte`.
    private var children: [UInt64: Int32] = [:]
    /// Index into `tokens` of each node, -1 where none ends there.
    private var tokenOfNode: [Int32] = [-1]
    private var beginsToken = [Bool](repeating: false, count: 256)

    var isEmpty: Bool { tokens.isEmpty }

    /// - Parameter contents: the bytes to look for, in the order of `tokens`.
    init(_ tokens: [AddedToken], contents: [[UInt8]]) {
        self.tokens = tokens
        for (index, content) in contents.enumerated() {
            guard let first = content.first else { continue }
            beginsToken[Int(first)] = true
            var node: Int32 = 0
            for byte in content {
                let key = UInt64(node) << 8 | UInt64(byte)
                if let child = children[key] {
                    node = child
                } else {
                    let child = Int32(tokenOfNode.count)
                    children[key] = child
                    tokenOfNode.append(-1)
                    node = child
                }
            }
            if tokenOfNode[Int(node)] < 0 { tokenOfNode[Int(node)] = Int32(index) }
        }
    }

    /// The parts of `text` in order; text parts are not empty.
    func parts(of text: Span<UInt8>) -> [Part] {
        guard text.count > 0 else { return [] }
        if tokens.isEmpty { return [.text(0..<text.count)] }
        var parts: [Part] = []
        var textStart = 0
        var index = 0
        while index < text.count {
            guard beginsToken[Int(text[index])], let (token, end) = longest(text, at: index) else {
                index += 1
                continue
            }
            var start = index
            var after = end
            index = end
            if token.isSingleWord, touchesWord(text, start, end) { continue }
            let classes = ScalarClasses.table
            if token.stripsLeft {
                while start > textStart {
                    let before = text.scalar(before: start)
                    guard classes[before.value].contains(.space) else { break }
                    start = before.start
                }
            }
            if token.stripsRight {
                while after < text.count {
                    let (value, next) = text.scalar(at: after)
                    guard classes[value].contains(.space) else { break }
                    after = next
                }
            }
            if start > textStart { parts.append(.text(textStart..<start)) }
            parts.append(.token(token))
            textStart = after
            index = after
        }
        if textStart < text.count { parts.append(.text(textStart..<text.count)) }
        return parts
    }

    private func longest(_ text: Span<UInt8>, at start: Int) -> (AddedToken, end: Int)? {
        var node: Int32 = 0
        var found: (AddedToken, Int)?
        var index = start
        while index < text.count, let child = children[UInt64(node) << 8 | UInt64(text[index])] {
            node = child
            index += 1
            if tokenOfNode[Int(node)] >= 0 { found = (tokens[Int(tokenOfNode[Int(node)])], index) }
        }
        return found
    }

    private func touchesWord(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        // `\w` of Unicode's regular expressions.
        func isWord(_ value: UInt32) -> Bool {
            guard let properties = Unicode.Scalar(value)?.properties else { return false }
            let category = properties.generalCategory
            return properties.isAlphabetic || category == .decimalNumber || category == .connectorPunctuation
                || properties.isJoinControl || !ScalarClasses.table[value].isDisjoint(with: .mark)
        }
        if start > 0, isWord(text.scalar(before: start).value) { return true }
        return end < text.count && isWord(text.scalar(at: end).value)
    }
}
