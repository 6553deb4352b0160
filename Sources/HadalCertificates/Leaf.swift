import Foundation
import SwiftASN1
import X509

/// What a certificate is asked for.
public struct Leaf: Sendable, Hashable {
    /// A gateway is a client of workers on other machines.
    public enum Purpose: String, Sendable, Hashable, CaseIterable { case server, client, gateway }

    public var purpose: Purpose
    /// Up to 64 characters; for people, the names count.
    public var commonName: String
    public var names: [SubjectName]
    /// Up to `CertificateAuthority.leafDaysLimit`.
    public var days: Int

    public init(
        _ purpose: Purpose, commonName: String, names: [SubjectName], days: Int = CertificateAuthority.leafDaysLimit
    ) {
        self.purpose = purpose
        self.commonName = commonName
        self.names = names
        self.days = days
    }
}

/// A certificate and its key, as they were just made.
public struct IssuedCertificate: Sendable {
    public let certificate: Certificate
    private let key: Certificate.PrivateKey

    init(certificate: Certificate, key: Certificate.PrivateKey) {
        self.certificate = certificate
        self.key = key
    }

    func keyPEM() throws(CertificateError) -> String { try key.pem() }
}

extension Certificate.PrivateKey {
    /// PKCS #8. It is not encrypted: swift-crypto writes no encrypted keys. The file's mode protects it.
    func pem() throws(CertificateError) -> String {
        do { return try serializeAsPEM().pemString + "\n" } catch {
            throw .tls(reason: "a key could not be written: \(error)")
        }
    }
}

extension Certificate {
    func pem() throws(CertificateError) -> String {
        do { return try serializeAsPEM().pemString + "\n" } catch {
            throw .tls(reason: "a certificate could not be written: \(error)")
        }
    }

    func der() throws(CertificateError) -> [UInt8] {
        var serializer = DER.Serializer()
        do { try serializer.serialize(self) } catch {
            throw .tls(reason: "a certificate could not be written: \(error)")
        }
        return serializer.serializedBytes
    }

    /// Those of a kind that we know.
    var names: [SubjectName] {
        ((try? extensions.subjectAlternativeNames) ?? SubjectAlternativeNames()).compactMap { SubjectName($0) }
    }

    /// Whether it may be shown for this; one that says nothing of its use may (RFC 5280, 4.2.1.12), but a gateway's says
    /// what it is.
    func allows(_ purpose: Leaf.Purpose) -> Bool {
        guard purpose != .gateway || names.contains(.gateway) else { return false }
        guard let usage = try? extensions.extendedKeyUsage else { return true }
        return usage.contains(purpose == .server ? .serverAuth : .clientAuth) || usage.contains(.any)
    }
}

extension Certificate.SerialNumber {
    /// 20 bytes with the first bit clear, as long as it may be (RFC 5280, 4.1.2.2).
    static func random() -> Self {
        Self(bytes: [UInt8.random(in: 1...0x7F)] + (0..<19).map { _ in UInt8.random(in: 0...0xFF) })
    }

    var hexDigits: String { bytes.hexDigits }
}

extension Sequence<UInt8> {
    /// Two a byte, in small letters.
    var hexDigits: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
