import HadalText

/// Texts of which each match of an expression contains one: without them it need not be run.
enum PatternLiterals {
    private static let countLimit = 128
    /// More alternatives at one place are not written out.
    private static let setLimit = 8

    /// In lower case, as far as ASCII goes; nil where there are none that are rare enough.
    static func required(by syntax: PatternSyntax) -> [String]? {
        guard let words = best(exact(syntax), required(syntax)) else { return nil }
        return Set(words).map { word in
            var text = String.UnicodeScalarView()
            text.append(contentsOf: word.compactMap { Unicode.Scalar($0) })
            return String(text)
        }.sorted()
    }

    /// All texts that match, where they are few.
    private static func exact(_ syntax: PatternSyntax) -> [[UInt32]]? {
        switch syntax {
        case .empty, .assertion: return [[]]
        case .set(let set):
            guard set.count <= setLimit else { return nil }
            return Set(set.ranges.joined().map { KeywordCase.lower($0) }).map { [$0] }
        case .sequence(let parts):
            var texts: [[UInt32]] = [[]]
            for part in parts {
                guard let next = exact(part), let longer = product(texts, next) else { return nil }
                texts = longer
            }
            return texts
        case .choice(let parts):
            var texts: [[UInt32]] = []
            for part in parts {
                guard let next = exact(part) else { return nil }
                texts += next
            }
            return texts.count <= countLimit ? texts : nil
        case .repeated(let part, let min, let max, _):
            guard min == max, min <= 16, let once = exact(part) else { return nil }
            var texts: [[UInt32]] = [[]]
            for _ in 0..<min {
                guard let longer = product(texts, once) else { return nil }
                texts = longer
            }
            return texts
        }
    }

    private static func product(_ left: [[UInt32]], _ right: [[UInt32]]) -> [[UInt32]]? {
        guard left.count * right.count <= countLimit else { return nil }
        return left.flatMap { left in right.map { left + $0 } }
    }

    private static func required(_ syntax: PatternSyntax) -> [[UInt32]]? {
        switch syntax {
        case .empty, .assertion, .set: return nil
        case .sequence(let parts):
            var found: [[UInt32]]?
            var run: [[UInt32]] = [[]]
            for part in parts {
                if let next = exact(part), let longer = product(run, next) {
                    run = longer
                } else {
                    found = best(found, best(run, best(exact(part), required(part))))
                    run = [[]]
                }
            }
            return best(found, run)
        case .choice(let parts):
            var all: [[UInt32]] = []
            for part in parts {
                guard let words = best(exact(part), required(part)) else { return nil }
                all += words
            }
            return all.count <= countLimit ? all : nil
        case .repeated(let part, let min, _, _): return min > 0 ? best(exact(part), required(part)) : nil
        }
    }

    /// Of two sets the one whose shortest text is longer, if it is rare enough at all.
    private static func best(_ left: [[UInt32]]?, _ right: [[UInt32]]?) -> [[UInt32]]? {
        [left, right].compactMap { $0 }.filter { weight($0) > 1 }.max { weight($0) < weight($1) }
    }

    /// Bytes of the shortest; a single letter, digit or space of ASCII is in nearly every text.
    private static func weight(_ words: [[UInt32]]) -> Int {
        let weights = words.map { word -> Int in
            if word.count == 1, let scalar = Unicode.Scalar(word[0]), scalar.isASCII,
                !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar), scalar != " ", scalar != "\n"
            {
                return 2
            }
            return word.reduce(0) { $0 + ($1 < 0x80 ? 1 : $1 < 0x800 ? 2 : $1 < 0x10000 ? 3 : 4) }
        }
        return weights.min() ?? 0
    }
}

private enum KeywordCase {
    static func lower(_ scalar: UInt32) -> UInt32 { (0x41...0x5A).contains(scalar) ? scalar | 0x20 : scalar }
}
