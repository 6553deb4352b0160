/// The word-like expressions of byte-level tokenizers, matched at one place. Alternatives are tried in the order of the
/// expression; each function returns the end of the match, or `start` where none matches.
///
/// Text after `end` does not exist for a match: a pre-tokenizer's later steps see one part at a time.
struct WordScanner {
    let classes: ScalarClasses
    let end: Int

    private static let letterOrNumber: ScalarClass = [.letter, .number]
    private static let letterOrMark: ScalarClass = [.letter, .mark]
    private static let punctuationOrSymbol: ScalarClass = [.punctuation, .symbol]
    private static let word: ScalarClass = [.letter, .number, .space]

    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    @inline(__always)
    func gpt2(_ text: borrowing Span<UInt8>, _ start: Int) -> Int {
        if text[start] == UInt8(ascii: "'") {
            let matched = contraction(text, start, ignoringCase: false)
            if matched > start { return matched }
        }
        var body = start
        if text[start] == 0x20, start + 1 < end { body += 1 }
        let (value, next) = text.scalar(at: body)
        let kind = classes[value]
        if kind.contains(.letter) { return run(text, next, of: .letter) }
        if kind.contains(.number) { return run(text, next, of: .number) }
        if !kind.contains(.space) { return run(text, next, outside: WordScanner.word) }
        return spaces(text, start, breakingLines: false)
    }

    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
    @inline(__always)
    func llama3(_ text: borrowing Span<UInt8>, _ start: Int, digits: Int) -> Int {
        if text[start] == UInt8(ascii: "'") {
            let matched = contraction(text, start, ignoringCase: true)
            if matched > start { return matched }
        }
        let (value, next) = text.scalar(at: start)
        let kind = classes[value]
        if kind.contains(.letter) { return run(text, next, of: .letter) }
        if kind.contains(.number) {
            var matched = next
            var count = 1
            while count < digits, matched < end {
                let (value, next) = text.scalar(at: matched)
                guard classes[value].contains(.number) else { break }
                matched = next
                count += 1
            }
            return matched
        }
        if value != 0x0A, value != 0x0D, next < end {
            let (following, after) = text.scalar(at: next)
            if classes[following].contains(.letter) { return run(text, after, of: .letter) }
        }
        if !kind.contains(.space) {
            return lineBreaks(text, run(text, next, outside: WordScanner.word))
        }
        if value == 0x20, next < end {
            let (following, after) = text.scalar(at: next)
            if classes[following].isDisjoint(with: WordScanner.word) {
                return lineBreaks(text, run(text, after, outside: WordScanner.word))
            }
        }
        return spaces(text, start, breakingLines: true)
    }

    /// ``[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*``
    /// `|\s*[\r\n]+|\s+(?!\S)|\s+`
    @inline(__always)
    func deepSeekV3(_ text: borrowing Span<UInt8>, _ start: Int) -> Int {
        let (value, next) = text.scalar(at: start)
        let kind = classes[value]
        if !kind.isDisjoint(with: WordScanner.letterOrMark) { return run(text, next, of: WordScanner.letterOrMark) }
        if !kind.isDisjoint(with: WordScanner.punctuationOrSymbol) {
            if value < 0x80 {
                var matched = next
                while matched < end, isASCIILetter(text[matched]) { matched += 1 }
                if matched > next { return matched }
            }
            return lineBreaks(text, run(text, next, of: WordScanner.punctuationOrSymbol))
        }
        if next < end, value != 0x0A, value != 0x0D {
            let (following, after) = text.scalar(at: next)
            let kindAfter = classes[following]
            if !kindAfter.isDisjoint(with: WordScanner.letterOrMark) {
                return run(text, after, of: WordScanner.letterOrMark)
            }
            if value == 0x20, !kindAfter.isDisjoint(with: WordScanner.punctuationOrSymbol) {
                return lineBreaks(text, run(text, after, of: WordScanner.punctuationOrSymbol))
            }
        }
        return kind.contains(.space) ? spaces(text, start, breakingLines: true) : start
    }

    /// The end of the run of scalars of any of these classes.
    @inline(__always)
    private func run(_ text: borrowing Span<UInt8>, _ start: Int, of wanted: ScalarClass) -> Int {
        var index = start
        while index < end {
            let (value, next) = text.scalar(at: index)
            if classes[value].isDisjoint(with: wanted) { break }
            index = next
        }
        return index
    }

    @inline(__always)
    private func run(_ text: borrowing Span<UInt8>, _ start: Int, outside unwanted: ScalarClass) -> Int {
        var index = start
        while index < end {
            let (value, next) = text.scalar(at: index)
            if !classes[value].isDisjoint(with: unwanted) { break }
            index = next
        }
        return index
    }

    /// `[\r\n]*`
    @inline(__always)
    private func lineBreaks(_ text: borrowing Span<UInt8>, _ start: Int) -> Int {
        var index = start
        while index < end, text[index] == 0x0A || text[index] == 0x0D { index += 1 }
        return index
    }

    /// `\s*[\r\n]+|\s+(?!\S)|\s+` (the first only when `breakingLines`) at a white-space character: up to the last line
    /// break of the run, else all of it at the end of the text, else all but the last character, which goes with the word.
    private func spaces(_ text: borrowing Span<UInt8>, _ start: Int, breakingLines: Bool) -> Int {
        var index = start
        var last = start
        var afterLineBreak = start
        while index < end {
            let (value, next) = text.scalar(at: index)
            guard classes[value].contains(.space) else { break }
            last = index
            index = next
            if value == 0x0A || value == 0x0D { afterLineBreak = next }
        }
        if breakingLines, afterLineBreak > start { return afterLineBreak }
        return index == end || last == start ? index : last
    }

    /// `'s|'t|'re|'ve|'m|'ll|'d` at an apostrophe; `start` where it is none of these.
    private func contraction(_ text: borrowing Span<UInt8>, _ start: Int, ignoringCase: Bool) -> Int {
        func letter(_ offset: Int) -> UInt8 {
            guard start + offset < end else { return 0 }
            let byte = text[start + offset]
            return ignoringCase && byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
        }
        switch (letter(1), letter(2)) {
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 3
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
            return start + 2
        case (0xC5, 0xBF) where ignoringCase:  // ſ, the long s, is an s but for its case.
            return start + 3
        default: return start
        }
    }

    @inline(__always)
    private func isASCIILetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A }
}
