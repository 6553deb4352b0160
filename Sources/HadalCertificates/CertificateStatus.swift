import Crypto
import Foundation
import X509

/// What is known of a certificate: for listings, metrics and the administration.
public struct CertificateFacts: Sendable, Hashable {
    public var commonName: String?
    public var issuer: String?
    public var names: [SubjectName]
    public var notBefore: Date
    public var notAfter: Date
    /// Lower-case hex digits.
    public var serial: String
    /// SHA-256 over the certificate (DER), as lower-case hex digits.
    public var fingerprint: String

    init(_ certificate: Certificate) throws(CertificateError) {
        commonName = certificate.subject.commonName
        issuer = certificate.issuer.commonName
        names = certificate.names
        notBefore = certificate.notValidBefore
        notAfter = certificate.notValidAfter
        serial = certificate.serialNumber.hexDigits
        fingerprint = SHA256.hash(data: try certificate.der()).hexDigits
    }

    /// Whole days until it ends; negative once it has.
    public func daysLeft(at now: Date) -> Int { Int((notAfter.timeIntervalSince(now) / 86400).rounded(.down)) }

    /// When an own certificate is renewed: with a third of its life left.
    var renewal: Date { notAfter.addingTimeInterval(-notAfter.timeIntervalSince(notBefore) / 3) }
}

/// What a server's TLS uses now.
public struct CertificateStatus: Sendable, Hashable {
    public var certificate: CertificateFacts
    /// The authority, where it is one's own.
    public var authority: CertificateFacts?
    /// When it is renewed; nil where the operator does so.
    public var renewal: Date?
    public var loaded: Date
    /// How many were taken into use since the start, this one included.
    public var generation: Int
    /// Why a newer one is not used.
    public var problem: String?
}
