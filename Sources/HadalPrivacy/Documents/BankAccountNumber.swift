/// International bank account numbers (ISO 13616): country, two check digits, and an account of the country's length.
enum BankAccountNumber {
    private static let lengths: [String: Int] = [
        "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
        "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
        "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
        "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
        "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
        "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29,
        "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24,
        "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
        "YE": 30,
    ]

    /// Reads at a run of letters and digits; groups of four may be separated by spaces or hyphens.
    static func recognize(at start: Int, in text: ScannedText) -> Finding? {
        guard text[start].isLetter, text[start + 1].isLetter, text[start + 2].isDigit, text[start + 3].isDigit else {
            return nil
        }
        let country = String(decoding: [text[start].uppercase, text[start + 1].uppercase], as: UTF8.self)
        guard let length = lengths[country], let end = end(of: length, from: start, in: text) else { return nil }
        let isRight = remainder(start..<end, text) == 1
        let isNamed = text.contexts.isBeside(start..<end, .iban)
        guard isRight || isNamed else { return nil }
        return Finding(kind: .iban, range: start..<end, confidence: isRight ? .checked : .doubtful)
    }

    private static func end(of length: Int, from start: Int, in text: ScannedText) -> Int? {
        var place = start
        for index in 0..<length {
            if index > 0, index % 4 == 0, text[place] == 0x20 || text[place] == UInt8(ascii: "-") { place += 1 }
            guard text[place].isWord else { return nil }
            place += 1
        }
        return text[place].isWord ? nil : place
    }

    /// The number with its first four characters behind the rest and letters as 10 to 35, modulo 97.
    private static func remainder(_ range: Range<Int>, _ text: ScannedText) -> Int {
        let values = range.compactMap { text[$0].base36 }
        return (values.dropFirst(4) + values.prefix(4)).reduce(0) { ($0 * ($1 > 9 ? 100 : 10) + $1) % 97 }
    }
}
