/// Chinese addresses: from a province or city down to a room, each part with its own last character.
enum ChineseAddress {
    private enum Level: UInt8 {
        case area = 1
        case street
        case unit
    }

    private static let sentence: UInt8 = 9

    /// Last characters of parts, by level, and words of sentences, which no part of an address has.
    private static let characters = HanTable(
        (Level.area.rawValue, "省市区县旗州盟镇乡"), (Level.street.rawValue, "街路道巷弄里村庄屯社"),
        (Level.unit.rawValue, "号栋幢座楼层室户单元组院园苑城厦场寓"),
        (sentence, "的是在了我你他她们请与到送寄说这有没不能要把被让吗呢吧啊很也就还但"))
    /// How many bytes a part may have: ten characters.
    private static let partLimit = 30
    /// How many bytes an address may have.
    static let lengthLimit = 240

    /// Behind "地址" and the like.
    static func recognize(after hit: Contexts.Hit, in text: ScannedText) -> Finding? {
        var start = hit.end
        while start < hit.end + 8 {
            if text[start] == 0x20 || text[start] == 0x09 || ":=\"'|".utf8.contains(text[start]) {
                start += 1
            } else if ["是", "为", "在", "于"].contains(text.han(at: start)) {
                start += 3
            } else {
                break
            }
        }
        return finding(from: start, isNamed: true, in: text)
    }

    /// At the name of a province or city.
    static func recognize(atRegion hit: Contexts.Hit, in text: ScannedText) -> Finding? {
        finding(from: hit.start, isNamed: false, in: text)
    }

    private static func finding(from start: Int, isNamed: Bool, in text: ScannedText) -> Finding? {
        var (areas, streets, units) = (0, 0, 0)
        var hasDigit = isNamed
        var end = start
        while end - start < lengthLimit, let part = part(from: end, afterUnit: units > 0, in: text) {
            switch part.level {
            case .area: areas += 1
            case .street: streets += 1
            case .unit: units += 1
            }
            hasDigit = hasDigit || (part.level == .unit && part.hasDigit)
            end = part.end
        }
        let isWhole = units > 0 && hasDigit && (streets > 0 || areas > (isNamed ? 0 : 1))
        guard isWhole || (isNamed && (areas > 1 || (areas > 0 && streets > 0))) else { return nil }
        return Finding(kind: .address, range: start..<end, confidence: isNamed ? .context : .form)
    }

    private struct Part {
        let level: Level
        let end: Int
        let hasDigit: Bool
    }

    /// The next part: up to its last character, with the digits behind it that belong to it ("3单元501").
    private static func part(from start: Int, afterUnit: Bool, in text: ScannedText) -> Part? {
        var place = start
        var hasDigit = false
        while place - start < partLimit {
            guard let character = text.han(at: place) else {
                let byte = text[place]
                guard
                    byte.isWord || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "#")
                        || (byte == 0x20 && place > start)
                else { return nil }
                hasDigit = hasDigit || byte.isDigit
                place += 1
                continue
            }
            let value = characters[character]
            guard value != sentence else { return nil }
            place += 3
            guard let level = Level(rawValue: value), place - start > 3, !isOtherWord(before: place, in: text) else {
                continue
            }
            if let next = text.han(at: place), isSamePart(character, next) { continue }
            // Behind a house number a part without a number is hardly one of the address.
            if afterUnit, !hasDigit, level != .unit { return nil }
            let end = level == .unit ? room(after: place, in: text) : place
            return Part(level: level, end: end, hasDigit: hasDigit || end > place)
        }
        return nil
    }

    /// Whether the last character before `place` ends another word: "公里", "渠道", "铁路", "16号线".
    private static func isOtherWord(before place: Int, in text: ScannedText) -> Bool {
        let (before, after) = (text.han(at: place - 6), text.han(at: place))
        switch text.han(at: place - 3) {
        case "里": return ["公", "英", "海", "千", "这", "那", "家"].contains(before)
        case "道": return ["轨", "频", "渠", "管", "通", "跑", "味", "知", "报", "铁"].contains(before)
        case "路": return ["铁", "线", "电", "网", "思", "公"].contains(before)
        case "号": return ["线", "令", "文", "码", "称"].contains(after)
        default: return false
        }
    }

    /// "社区", "园区", "城市", "单元", "号楼", "小区" end with their second character.
    private static func isSamePart(_ character: Unicode.Scalar, _ next: Unicode.Scalar) -> Bool {
        switch next {
        case "区": ["社", "园", "城", "市"].contains(character)
        case "元": character == "单"
        case "楼", "院": character == "号"
        case "道": character == "街"
        default: false
        }
    }

    /// Where digits that name a room end.
    private static func room(after place: Int, in text: ScannedText) -> Int {
        let end = text.end(from: place, limit: 6) { $0.isWord || $0 == UInt8(ascii: "-") }
        guard end > place, text[place].isDigit, !text[end].isWord else { return place }
        let next = text.han(at: end)
        return characters.contains(next) ? place : end
    }

    /// Whether what stands from `start` to the end of the text may be an address that goes on.
    static func mayGoOn(from start: Int, in text: ScannedText) -> Bool {
        var place = start
        while place < text.count {
            if let character = text.han(at: place) {
                if characters[character] == sentence, place > start + 6 { return false }
                place += 3
            } else {
                let byte = text[place]
                if byte == 0x0A || ",;!?".utf8.contains(byte) || byte == 0xE3 { return false }
                place += 1
            }
        }
        return true
    }
}
