/// One way through a text: finds where candidates begin and asks the recognizers there.
struct ScanningPass {
    private let text: ScannedText
    private var number = DigitGroups()
    private(set) var findings: [Finding] = []
    /// Up to where each of them has found something; they go on behind it.
    private var ends = Ends()

    private struct Ends {
        var number = 0
        var phone = 0
        var iban = 0
        var network = 0
        var secret = 0
        var email = 0
        /// Up to where no tokens begin.
        var noToken = 0
        var noWebToken = 0
    }

    init(_ text: ScannedText) { self.text = text }

    mutating func run() {
        var place = 0
        while place < text.count {
            let byte = text.bytes[place]
            if byte.isWord {
                place = word(at: place)
                continue
            }
            switch byte {
            case UInt8(ascii: "@"): take(EmailAddress.recognize(at: place, in: text), \.email)
            case UInt8(ascii: ":"): colon(at: place)
            case UInt8(ascii: "-"):
                if text[place + 1] == byte, place >= ends.secret {
                    take(PrivateKeyText.recognize(at: place, in: text), \.secret)
                }
            case 0xE4...0xE9:
                if text[place + 3].isLetter, let plate = Plate.recognize(at: place, in: text) { findings.append(plate) }
            default: break
            }
            place += 1
        }
        findings += ContextScan.findings(in: text)
    }

    /// Takes a finding unless it lies within what the same recognizer has found before.
    private mutating func take(_ finding: Finding?, _ end: WritableKeyPath<Ends, Int>) {
        guard let finding, finding.range.lowerBound >= ends[keyPath: end] else { return }
        findings.append(finding)
        if finding.confidence > .doubtful { ends[keyPath: end] = finding.range.upperBound }
    }

    private mutating func colon(at place: Int) {
        if text[place + 1] == UInt8(ascii: "/") {
            if let finding = URLCredentials.recognize(at: place, in: text) { findings.append(finding) }
        } else if text[place + 1] == UInt8(ascii: ":"), place >= ends.network {
            take(IPv6Address.recognize(at: place, in: text), \.network)
        }
    }

    /// Letters and digits from `start` on.
    /// - Returns: where they end.
    private mutating func word(at start: Int) -> Int {
        var end = start
        var digits = 0
        while end < text.count, text.bytes[end].isWord {
            if text.bytes[end].isDigit { digits += 1 }
            end += 1
        }
        let run = start..<end
        if text[end] == UInt8(ascii: ":"), run.count <= 4, start >= ends.network {
            take(IPv6Address.recognize(at: start, in: text), \.network)
        }
        if start >= ends.secret {
            take(KnownToken.recognize(at: start, in: text, none: &ends.noToken), \.secret)
            take(WebToken.recognize(at: start, in: text, none: &ends.noWebToken), \.secret)
        }
        if digits > 0 { mixedWord(run, digits: digits) }
        return end
    }

    private mutating func mixedWord(_ run: Range<Int>, digits: Int) {
        let start = run.lowerBound
        if let finding = WalletAddress.recognize(run, in: text) { findings.append(finding) }
        if let finding = CreditCode.recognize(run, in: text) { findings.append(finding) }
        let isNumber = text.bytes[start].isDigit
        if !isNumber, start >= ends.iban { take(BankAccountNumber.recognize(at: start, in: text), \.iban) }
        if digits < run.count, let finding = HongKongID.recognize(run, in: text) { findings.append(finding) }
        if let finding = TravelDocument.recognize(run, in: text) { findings.append(finding) }
        if isNumber {
            numbers(at: start)
        } else if digits == run.count - text.end(from: start, limit: 16, while: { $0.isLetter }) + start {
            // The name of a number and the number: "Tel13800138000".
            numbers(at: run.upperBound - digits)
        }
    }

    private mutating func numbers(at start: Int) {
        if text[start + 1] == UInt8(ascii: ".") || text[start + 2] == UInt8(ascii: ".")
            || text[start + 3] == UInt8(ascii: "."),
            start >= ends.network
        {
            take(IPv4Address.recognize(at: start, in: text), \.network)
        }
        if isWithinSingleDigits(start) { return }
        number.read(text, from: start)
        guard number.digits.count >= 7 else { return }
        if start >= ends.number {
            take(ResidentID.recognize(number, in: text), \.number)
            if let finding = PaymentCard.recognize(number, in: text) { findings.append(finding) }
            take(SocialSecurityNumber.recognize(number, in: text), \.number)
        }
        if start >= ends.phone { take(PhoneNumber.recognize(number, in: text), \.phone) }
    }

    /// Whether the digit at `start` goes on a number that is written digit by digit ("1 3 8 …").
    private func isWithinSingleDigits(_ start: Int) -> Bool {
        !text[start + 1].isDigit && text[start - 2].isDigit && !text[start - 3].isDigit
            && (text[start - 1] == 0x20 || text[start - 1] == UInt8(ascii: "-"))
    }
}
