import Crypto
import Foundation
import SwiftASN1
import X509

/// A certificate authority of one's own: a key, and a certificate that clients are told to trust.
public struct CertificateAuthority: Sendable {
    /// For how long an authority counts.
    static let life = Days(3650)
    /// For how long a certificate that it issues may count.
    public static let leafDaysLimit = 90
    /// How far a certificate begins in the past, so that a clock that is behind takes it.
    static let clockSkew: TimeInterval = 300

    public let certificate: Certificate
    private let key: Certificate.PrivateKey

    /// Makes one.
    public init(organization: String, now: Date) throws(CertificateError) {
        let key = Certificate.PrivateKey(P384.Signing.PrivateKey())
        let serial = Certificate.SerialNumber.random()
        // A name of its own: what two authorities of one organisation issue can be told apart.
        let name = try distinguishedName("Hadal CA \(serial.hexDigits.prefix(8))", organization: organization)
        certificate = try Self.sign {
            try Certificate(
                version: .v3, serialNumber: serial, publicKey: key.publicKey,
                notValidBefore: now.addingTimeInterval(-Self.clockSkew), notValidAfter: now + Self.life, issuer: name,
                subject: name, signatureAlgorithm: .ecdsaWithSHA384,
                // One more authority may stand between it and a certificate: the one that replaces it.
                extensions: try Self.authorityExtensions(key.publicKey, pathLength: 1, issuer: nil),
                issuerPrivateKey: key)
        }
        self.key = key
    }

    /// - Throws: where the key is not the certificate's.
    init(certificate: Certificate, key: Certificate.PrivateKey, file: String) throws(CertificateError) {
        guard certificate.publicKey == key.publicKey else {
            throw .keyDoesNotMatch(certificate: file, key: file)
        }
        self.certificate = certificate
        self.key = key
    }

    /// Makes a key and a certificate for it.
    public func issue(_ leaf: Leaf, now: Date) throws(CertificateError) -> IssuedCertificate {
        guard (1...Self.leafDaysLimit).contains(leaf.days) else { throw .badLife(days: leaf.days) }
        guard certificate.notValidAfter > now else { throw .ended(file: "ca.pem", certificate.notValidAfter) }
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let begin = now.addingTimeInterval(-Self.clockSkew)
        let subject = try distinguishedName(leaf.commonName, organization: nil)
        let issued = try Self.sign {
            try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber.random(), publicKey: key.publicKey,
                notValidBefore: begin, notValidAfter: min(begin + Days(leaf.days), certificate.notValidAfter),
                issuer: certificate.subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA384,
                extensions: try Certificate.Extensions {
                    Critical(BasicConstraints.notCertificateAuthority)
                    Critical(KeyUsage(digitalSignature: true))
                    try ExtendedKeyUsage([leaf.purpose == .server ? .serverAuth : .clientAuth])
                    SubjectAlternativeNames(leaf.names.map(\.generalName))
                    SubjectKeyIdentifier(hash: key.publicKey)
                    AuthorityKeyIdentifier(
                        keyIdentifier: SubjectKeyIdentifier(hash: certificate.publicKey).keyIdentifier)
                }, issuerPrivateKey: self.key)
        }
        return IssuedCertificate(certificate: issued, key: key)
    }

    /// A certificate by this authority for the one that replaces it. A server that sends it along is trusted by those who
    /// know the old authority only.
    func vouch(for successor: CertificateAuthority, now: Date, until end: Date) throws(CertificateError) -> Certificate
    {
        try Self.sign {
            try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber.random(),
                publicKey: successor.certificate.publicKey,
                notValidBefore: now.addingTimeInterval(-Self.clockSkew),
                notValidAfter: min(end, certificate.notValidAfter), issuer: certificate.subject,
                subject: successor.certificate.subject, signatureAlgorithm: .ecdsaWithSHA384,
                extensions: try Self.authorityExtensions(
                    successor.certificate.publicKey, pathLength: 0, issuer: certificate.publicKey),
                issuerPrivateKey: key)
        }
    }

    /// Key and certificate.
    func pem() throws(CertificateError) -> String { try key.pem() + certificate.pem() }

    private static func authorityExtensions(
        _ key: Certificate.PublicKey, pathLength: Int, issuer: Certificate.PublicKey?
    ) throws -> Certificate.Extensions {
        try Certificate.Extensions {
            Critical(BasicConstraints.isCertificateAuthority(maxPathLength: pathLength))
            Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            SubjectKeyIdentifier(hash: key)
            if let issuer { AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: issuer).keyIdentifier) }
        }
    }

    /// What the library throws here can only be a fault of ours.
    private static func sign(_ make: () throws -> Certificate) throws(CertificateError) -> Certificate {
        do { return try make() } catch { throw .tls(reason: "the certificate could not be signed: \(error)") }
    }
}

/// - Throws: where X.520 allows no such name (up to 64 characters).
private func distinguishedName(
    _ commonName: String, organization: String?
) throws(CertificateError) -> DistinguishedName {
    for name in [commonName, organization].compactMap({ $0 }) where !(1...64).contains(name.unicodeScalars.count) {
        throw .badName(name, reason: "it must be of 1 to 64 characters")
    }
    do {
        return try DistinguishedName {
            if let organization { OrganizationName(organization) }
            CommonName(commonName)
        }
    } catch {
        throw .badName(commonName, reason: "\(error)")
    }
}
