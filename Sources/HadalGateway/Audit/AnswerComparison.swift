import HadalWire

/// Two answers to one question, bit for bit.
struct AnswerComparison {
    let recorded: Exchange.Answer
    let now: Exchange.Answer
    /// Whether the recorded one was ended before its end: then the new one must begin as it does.
    let isPart: Bool

    var result: ReplayResult {
        let token = firstToken
        let place = firstPlace
        if token == nil, place == nil { return .identical(tokens: recorded.tokens.count, isPart: isPart) }
        guard let place else {
            let around = max(0, (token ?? 0) - 4)..<((token ?? 0) + 4)
            return .differs(
                ReplayDifference(
                    token: token.map { $0 + 1 }, part: "tokens", recorded: Self.list(recorded.tokens, around),
                    now: Self.list(now.tokens, around)))
        }
        let (left, right) = Self.excerpts(place.recorded, place.now)
        return .differs(
            ReplayDifference(token: token.map { $0 + 1 }, part: place.name, recorded: left, now: right))
    }

    /// The place of the first token that is another or missing.
    private var firstToken: Int? {
        let tokens = isPart ? Array(now.tokens.prefix(recorded.tokens.count)) : now.tokens
        let same = zip(recorded.tokens, tokens).prefix { $0 == $1 }.count
        return same == recorded.tokens.count && same == tokens.count ? nil : same
    }

    private var firstPlace: (name: String, recorded: String, now: String)? {
        let (left, right) = (texts(recorded), texts(now))
        for index in 0..<max(left.count, right.count) {
            let name = index < left.count ? left[index].name : right[index].name
            let recorded = index < left.count ? left[index].text : ""
            var now = index < right.count ? right[index].text : ""
            if isPart { now = String(now.unicodeScalars.prefix(recorded.unicodeScalars.count)) }
            // Strings are equal to Swift also where their bytes differ.
            if !recorded.utf8.elementsEqual(now.utf8) { return (name, recorded, now) }
        }
        return nil
    }

    /// A call that was cut, or an end that is none, says nothing.
    private func texts(_ answer: Exchange.Answer) -> [(name: String, text: String)] {
        let choice = answer.choice
        let texts = [("reasoning", choice.reasoning), ("content", choice.content)]
        if isPart { return texts }
        let calls = choice.calls.enumerated().map { ("call \($0 + 1)", $1.name + $1.arguments) }
        return texts + [("finish", choice.finish.rawValue)] + calls
    }

    private static func list(_ tokens: [Int32], _ places: Range<Int>) -> String {
        tokens[places.clamped(to: tokens.indices)].map(String.init).joined(separator: " ")
    }

    /// What stands around the first difference.
    private static func excerpts(_ left: String, _ right: String) -> (String, String) {
        let (before, behind) = (24, 40)
        let same = zip(left.unicodeScalars, right.unicodeScalars).prefix { $0 == $1 }.count
        let start = max(0, same - before)
        func excerpt(_ text: String) -> String {
            String(String.UnicodeScalarView(text.unicodeScalars.dropFirst(start).prefix(same - start + behind)))
        }
        return (excerpt(left), excerpt(right))
    }
}
