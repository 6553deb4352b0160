import HadalCertificates
import HadalHTTP
import Hummingbird
import Logging

/// Where a worker listens.
public enum WorkerAddress: Sendable, Hashable {
    /// A Unix socket at this path; an old one there is replaced. Whoever may open it may use the worker.
    case socket(String)
    /// A port for gateways on other machines, which show by a certificate that they are gateways: TLS 1.3, never without.
    /// Port 0: any free one.
    case network(host: String, port: Int, WorkerCertificates)

    var bind: HTTPServer.Address {
        switch self {
        case .socket(let path): .unixDomainSocket(path: path)
        case .network(let host, let port, _): .hostname(host, port: port)
        }
    }

    /// - Returns: nil for a socket, whose file's mode says who gets in.
    func keeper(_ logger: Logger) throws(CertificateError) -> CertificateKeeper? {
        guard case .network(let host, _, let certificates) = self else { return nil }
        return try CertificateKeeper(try certificates.server(host: host), logger: logger)
    }

    /// - Parameter requests: at the same time, each of which may have a connection of its own.
    func limits(requests: Int) -> HTTPServer.Limits {
        var limits = HTTPServer.Limits()
        guard case .network = self else { return limits }
        limits.connectionsPerAddress = requests + 64
        limits.endsWhenPeerIsLost = true
        return limits
    }
}
