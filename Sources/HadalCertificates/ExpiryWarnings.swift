import Foundation
import Logging

/// Warns of a certificate's end, once at each of a few numbers of days.
struct ExpiryWarnings {
    private static let days = [30, 14, 7, 1]

    private let subject: String
    private var fingerprint: String?
    private var warnedAt = Int.max

    init(_ subject: String) { self.subject = subject }

    mutating func check(_ certificate: CertificateFacts, now: Date, _ logger: Logger) {
        if fingerprint != certificate.fingerprint {
            fingerprint = certificate.fingerprint
            warnedAt = .max
        }
        let left = certificate.daysLeft(at: now)
        guard left >= 0 else {
            if warnedAt >= 0 { logger.error("\(subject) has ended on \(certificate.notAfter.day); it is refused") }
            warnedAt = -1
            return
        }
        guard let reached = Self.days.last(where: { left < $0 }), reached < warnedAt else { return }
        warnedAt = reached
        logger.warning("\(subject) ends on \(certificate.notAfter.day), in \(left) days; replace it")
    }
}
