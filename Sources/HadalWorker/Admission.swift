import Foundation
import HadalHTTP
import HadalWire
import Hummingbird
import Logging

/// Lets gateways in on a port, and nobody else whose certificate is of the same authority. What is refused is logged.
struct Admission: Sendable {
    let logger: Logger

    /// - Returns: what one gets who is no gateway, or is none any more: a connection may outlive its certificate.
    func refusal(of connection: ClientConnection) -> Response? {
        guard let reason = reason(connection.peerCertificate) else { return nil }
        tell(connection.remoteAddress, reason)
        let failure = WorkerFailure(.forbidden, "refused: \(reason)")
        return HTTPReply.json(failure.json, status: failure.code.status, headers: [.connection: "close"])
    }

    private func reason(_ certificate: PeerCertificate?) -> String? {
        guard let certificate else { return "it shows no certificate" }
        let name = certificate.commonName.map { " '\($0)'" } ?? ""
        guard certificate.isHadalGateway else {
            return "its certificate\(name) is not a gateway's: 'hadal certs issue gateway NAME' makes one"
        }
        guard certificate.notAfter > Date() else {
            return "its certificate\(name) has ended on \(certificate.notAfter.ISO8601Format())"
        }
        return nil
    }

    func tell(_ client: String?, _ reason: String) {
        logger.warning("refused a client", metadata: ["from": "\(client ?? "?")", "reason": "\(reason)"])
    }
}
