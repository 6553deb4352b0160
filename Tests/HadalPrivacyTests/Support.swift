@testable import HadalPrivacy

let scanner = PrivacyScanner()

/// What is found in a text, as "kind value".
func found(_ text: String, minimum: Confidence = .form) -> [String] {
    let bytes = Array(text.utf8)
    return scanner.findings(in: text, minimum: minimum).map { finding in
        "\(finding.kind.rawValue) \(String(decoding: bytes[finding.range], as: UTF8.self))"
    }
}

/// Seventeen digits with the check character of GB 11643.
func residentID(_ digits: String) -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    let sum = zip(digits, weights).reduce(0) { $0 + ($1.0.wholeNumberValue ?? 0) * $1.1 }
    return digits + String(Array("10X98765432")[sum % 11])
}

/// Digits with Luhn's check digit.
func card(_ digits: String) -> String {
    var sum = 0
    for (index, character) in digits.reversed().enumerated() {
        let digit = (character.wholeNumberValue ?? 0) * (index % 2 == 0 ? 2 : 1)
        sum += digit > 9 ? digit - 9 : digit
    }
    return digits + String((10 - sum % 10) % 10)
}

/// Numbers that are the same in each run.
struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
