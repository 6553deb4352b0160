import Crypto
import Foundation

/// Time-based one-time passwords (RFC 6238) as all authenticators compute them: SHA-1, 6 digits, steps of 30 seconds.
enum TimeCode {
    static let digits = 6
    /// Seconds.
    static let step: Double = 30
    /// 160 bits, as RFC 4226 section 4 recommends.
    static let secretLength = 20

    static func makeSecret() -> Data {
        SymmetricKey(size: .init(bitCount: secretLength * 8)).withUnsafeBytes { Data($0) }
    }

    /// Dates before 1970 or beyond what can be counted are the first step.
    static func step(at time: Date) -> Int64 { Int64(exactly: (time.timeIntervalSince1970 / step).rounded(.down)) ?? 0 }

    static func code(_ secret: Data, step: Int64) -> String {
        let counter = withUnsafeBytes(of: step.bigEndian) { Data($0) }
        let mac = Array(HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
        // Dynamic truncation (RFC 4226 section 5.3).
        let offset = Int(mac[mac.count - 1] & 15)
        let number = mac[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let text = String(number % 1_000_000)
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// The step a code belongs to, within one of the present (RFC 6238 section 5.2) and later than the last that was
    /// used. All are computed, whichever matches.
    static func matchingStep(_ code: String, _ secret: Data, after last: Int64, now: Date) -> Int64? {
        let current = step(at: now)
        var found: Int64?
        for step in max(0, current - 1)...max(0, current + 1) {
            let matches = Secret.matches(code, Secret.hash(TimeCode.code(secret, step: step)))
            if matches, step > last { found = step }
        }
        return found
    }

    /// What authenticators read as a QR code.
    static func uri(_ secret: Data, account: String, issuer: String) -> String {
        let label = FormFields.encode("\(issuer):\(account)")
        return "otpauth://totp/\(label)?secret=\(Base32.encode(secret))&issuer=\(FormFields.encode(issuer))"
            + "&algorithm=SHA1&digits=\(digits)&period=\(Int(step))"
    }
}
