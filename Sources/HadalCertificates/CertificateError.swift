import Foundation

/// Why a certificate or key is not made, read or used.
public enum CertificateError: Error, Sendable, Hashable {
    case unreadable(file: String, reason: String)
    case unwritable(file: String, reason: String)
    /// No certificate, or one that is broken.
    case notACertificate(file: String, reason: String)
    case notAKey(file: String, reason: String)
    case encryptedKey(file: String)
    case keyDoesNotMatch(certificate: String, key: String)
    case ended(file: String, Date)
    case notYetValid(file: String, Date)
    case notForServers(file: String)
    case notForGateways(file: String)
    /// The certificate at this position, from 1, did not issue the one before it.
    case brokenChain(file: String, position: Int)
    case noAuthority(directory: String)
    /// What a gateway or a worker shows to the other is not there.
    case noWorkerCertificate(Leaf.Purpose, file: String)
    case authorityExists(directory: String)
    case noCertificate(name: String, directory: String)
    case badName(String, reason: String)
    case badLife(days: Int)
    case tls(reason: String)
}

extension CertificateError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "cannot read \(file): \(reason)"
        case .unwritable(let file, let reason): "cannot write \(file): \(reason)"
        case .notACertificate(let file, let reason):
            "\(file) holds no certificate that can be used: \(reason); it must be PEM ('-----BEGIN CERTIFICATE-----'), the server's own first, then those that issued it"
        case .notAKey(let file, let reason):
            "\(file) holds no private key that can be used: \(reason); it must be PEM ('-----BEGIN PRIVATE KEY-----')"
        case .encryptedKey(let file):
            "the private key in \(file) is encrypted; decrypt it ('openssl pkey -in \(file) -out NEW') into a file that only the server may read"
        case .keyDoesNotMatch(let certificate, let key):
            "the private key in \(key) does not belong to the certificate in \(certificate); one of them is of another pair"
        case .ended(let file, let date): "the certificate in \(file) ended on \(date.day); get a new one"
        case .notYetValid(let file, let date):
            "the certificate in \(file) counts only from \(date.day); is this machine's clock right?"
        case .notForServers(let file):
            "the certificate in \(file) is not for servers: its extended key usage lacks serverAuth"
        case .notForGateways(let file):
            "the certificate in \(file) is not a gateway's: it must be for clients (clientAuth) and have the URI hadal:gateway among its names; 'hadal certs issue gateway NAME' makes one"
        case .brokenChain(let file, let position):
            "certificate \(position) in \(file) did not issue the one before it; put them in order, the server's own first"
        case .noAuthority(let directory):
            "there is no certificate authority in \(directory); make one with 'hadal certs init'"
        case .noWorkerCertificate(let purpose, let file):
            "there is no \(file), without which a gateway and a worker on another machine do not know each other; make an authority there with 'hadal certs init', or copy \(purpose.rawValue).pem, \(purpose.rawValue).key and ca.pem from where 'hadal certs issue \(purpose.rawValue)' has made them (docs/tls.md)"
        case .authorityExists(let directory):
            "there is a certificate authority in \(directory) already; 'hadal certs rotate --ca' replaces it"
        case .noCertificate(let name, let directory):
            "there is no certificate '\(name)' in \(directory); 'hadal certs list' shows what there is"
        case .badName(let name, let reason): "'\(name)' cannot stand in a certificate: \(reason)"
        case .badLife(let days):
            "a certificate cannot be for \(days) days; from 1 to \(CertificateAuthority.leafDaysLimit) are allowed"
        case .tls(let reason): "TLS cannot be set up: \(reason)"
        }
    }
}
