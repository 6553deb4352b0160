import Crypto
import Foundation
import SwiftASN1
import X509

/// Who the client's certificate says it is. The connection's TLS has verified it against the trusted certificate authorities.
public struct PeerCertificate: Sendable, Hashable {
    public var commonName: String?
    /// The subject's alternative names (RFC 5280, 4.2.1.6).
    public var uris: [String]
    public var emails: [String]
    /// SHA-256 over the certificate (DER), as lower-case hex digits.
    public var fingerprint: String
    /// The serial number, as lower-case hex digits.
    public var serial: String
    /// A connection may live longer than its certificate: who lets somebody in by it compares this with the time.
    public var notAfter: Date

    public init(
        commonName: String? = nil, uris: [String] = [], emails: [String] = [],
        fingerprint: String, serial: String, notAfter: Date
    ) {
        self.commonName = commonName
        self.uris = uris
        self.emails = emails
        self.fingerprint = fingerprint
        self.serial = serial
        self.notAfter = notAfter
    }

    /// Whether it is a gateway's, of Hadal's own or an operator's authority: its names contain the URI `hadal:gateway`.
    public var isHadalGateway: Bool { uris.contains("hadal:gateway") }

    /// - Throws: where it is no certificate.
    public init(der bytes: [UInt8]) throws {
        let certificate = try Certificate(derEncoded: bytes)
        self.init(
            commonName: certificate.subject.commonName,
            fingerprint: SHA256.hash(data: bytes).map(\.hexDigits).joined(),
            serial: certificate.serialNumber.bytes.map(\.hexDigits).joined(), notAfter: certificate.notValidAfter)
        for name in try certificate.extensions.subjectAlternativeNames ?? SubjectAlternativeNames() {
            switch name {
            case .uniformResourceIdentifier(let uri): uris.append(uri)
            case .rfc822Name(let email): emails.append(email)
            default: break
            }
        }
    }
}

extension DistinguishedName {
    /// Nil where there is none, or several: then none of them names anybody.
    fileprivate var commonName: String? {
        let names = flatMap { Array($0) }.filter { $0.type == .RDNAttributeType.commonName }
        return names.count == 1 ? String(names[0].value) : nil
    }
}

extension UInt8 {
    fileprivate var hexDigits: String { (self < 16 ? "0" : "") + String(self, radix: 16) }
}
