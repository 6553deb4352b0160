import Foundation
import NIOSSL

/// Why a TLS handshake failed, for the log of who refused it.
enum HandshakeProblem {
    /// - Parameter certificate: what the client has shown, where it has.
    /// - Returns: nil where nobody was refused: the client went away.
    static func text(_ error: any Error, _ certificate: PeerCertificate?) -> String? {
        if case .handshakeFailed(.sslError(let errors))? = error as? NIOSSLError, errors.contains(.eofDuringHandshake) {
            return nil
        }
        let text = "\(error)"
        func says(_ names: String...) -> Bool { names.contains { text.contains($0) } }
        if error is SecureChannel.CertificateExpired { return ended(certificate) }
        if says("PEER_DID_NOT_RETURN_A_CERTIFICATE") { return "it shows no certificate" }
        if says("CERTIFICATE_VERIFY_FAILED") {
            if let certificate, certificate.notAfter <= Date() { return ended(certificate) }
            return "its certificate\(name(certificate)) is not for clients, or not of an authority that is trusted here"
        }
        if says("HTTP_REQUEST", "WRONG_VERSION_NUMBER") { return "it does not speak TLS" }
        if says("UNSUPPORTED_PROTOCOL", "VERSION_TOO_LOW") { return "it does not speak TLS 1.3" }
        if says("ALERT_UNKNOWN_CA", "ALERT_BAD_CERTIFICATE", "ALERT_CERTIFICATE_UNKNOWN", "ALERT_CERTIFICATE_EXPIRED") {
            return "it refuses this side's certificate: \(text)"
        }
        return text
    }

    private static func ended(_ certificate: PeerCertificate?) -> String {
        let date = certificate.map { " on \($0.notAfter.ISO8601Format())" } ?? ""
        return "its certificate\(name(certificate)) has ended\(date)"
    }

    private static func name(_ certificate: PeerCertificate?) -> String {
        certificate?.commonName.map { " '\($0)'" } ?? ""
    }
}
