/// Names of persons: a surname and one or two characters, beside a word that says that a name stands there.
enum ChineseName {
    /// How far behind a word that announces it a name may end, in bytes, with what follows it.
    static let reach = 32

    /// Behind "姓名", "联系人" (`isField`) or "客户".
    static func recognize(after hit: Contexts.Hit, isField: Bool, in text: ScannedText) -> Finding? {
        let start = valueStart(after: hit.end, in: text)
        guard let end = end(from: start, isField: isField, in: text) else { return nil }
        return Finding(kind: .name, range: start..<end, confidence: .context)
    }

    /// Before "先生" and the like: a full name that nothing else stands directly before.
    static func recognize(before hit: Contexts.Hit, in text: ScannedText) -> Finding? {
        for length in [9, 6, 12] {
            let start = hit.start - length
            guard start >= 0, let name = fullName(start..<hit.start, in: text), !Surnames.others.contains(name),
                isFree(at: start, in: text)
            else { continue }
            return Finding(kind: .name, range: start..<hit.start, confidence: .context)
        }
        return nil
    }

    /// Whether a name may begin at `start`: what stands before is no Chinese character, or a word of its own.
    private static func isFree(at start: Int, in text: ScannedText) -> Bool {
        text.han(at: start - 3) == nil || text.contexts.before(start, [.boundary, .person, .name], within: 0) != nil
    }

    /// Past colon, space, quotation marks, "是", "为", "叫".
    private static func valueStart(after end: Int, in text: ScannedText) -> Int {
        var place = end
        while place < end + 8 {
            let byte = text[place]
            if byte == 0x20 || byte == 0x09 || ":=\"'|-".utf8.contains(byte) {
                place += 1
            } else if ["是", "为", "叫"].contains(text.han(at: place)) {
                place += 3
            } else {
                break
            }
        }
        return place
    }

    /// The end of a name at `start`: where the Chinese characters end, or where a word begins that may follow a name.
    private static func end(from start: Int, isField: Bool, in text: ScannedText) -> Int? {
        for length in [9, 6, 12] {
            let end = start + length
            guard let name = fullName(start..<end, in: text) else { continue }
            // The last character may be one of the words that follow a name ("张三的…") or of a name ("张亚男").
            let isEnd =
                text.han(at: end) == nil
                || (startsBoundary(at: end, in: text) && !(length == 9 && startsBoundary(at: end - 3, in: text)))
            if isEnd { return Surnames.others.contains(name) ? nil : end }
        }
        return isField ? foreignName(from: start, in: text) : nil
    }

    private static func startsBoundary(at place: Int, in text: ScannedText) -> Bool {
        guard let hit = text.contexts.after(place, [.boundary, .address, .phone, .name], within: 0) else {
            return false
        }
        return hit.start == place
    }

    /// Words of sentences, which are hardly ever a character of a name.
    private static let sentence = HanTable((1, "的是在了于我你他她们请和与及或被把向从到不也都就还但等某"))

    /// The characters of `range` where they are a surname and one or two more.
    private static func fullName(_ range: Range<Int>, in text: ScannedText) -> String? {
        let start = range.lowerBound
        guard
            range.count > 6 && isDoubleSurname(at: start, in: text)
                || range.count < 12 && Surnames.single.contains(text.han(at: start))
        else { return nil }
        for place in stride(from: start + 3, to: range.upperBound, by: 3) {
            guard let character = text.han(at: place), !sentence.contains(character) else { return nil }
        }
        return String(decoding: text.bytes[range], as: UTF8.self)
    }

    private static func isDoubleSurname(at start: Int, in text: ScannedText) -> Bool {
        guard text.han(at: start) != nil, text.han(at: start + 3) != nil else { return false }
        return Surnames.double.contains(String(decoding: text.bytes[start..<start + 6], as: UTF8.self))
    }

    /// Names in parts, as Uyghur and Tibetan people and foreigners write them: "阿卜杜拉·买买提".
    private static func foreignName(from start: Int, in text: ScannedText) -> Int? {
        var place = start
        var parts = 0
        while parts < 4 {
            let part = place
            while place - part < 24, text.han(at: place) != nil { place += 3 }
            guard place > part else { return nil }
            parts += 1
            guard text[place] == 0xC2, text[place + 1] == 0xB7 else { break }
            place += 2
        }
        return parts > 1 && text.han(at: place) == nil ? place : nil
    }
}
