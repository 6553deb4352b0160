import Foundation

/// The certificates by which a gateway and a worker on another machine know each other.
public enum WorkerCertificates: Sendable, Hashable {
    /// As `hadal certs` makes it. With the authority's key in it an own certificate is made and renewed there. Without it the
    /// certificate was issued elsewhere and copied: `server.pem` or `gateway.pem`, its key, and `ca.pem`.
    case directory(CertificateDirectory)
    /// What the operator provides, and replaces when it is time: an own certificate, and authorities to trust, PEM.
    case files(CertificateFiles, authorities: String)

    /// A worker's side: only gateways get a connection.
    /// - Parameter host: where it listens, which its certificate is for where it is made here.
    public func server(host: String) throws(CertificateError) -> ServerTLS {
        // An address that stands for all is none that a gateway could call.
        let names = ["0.0.0.0", "::"].contains(host) ? [] : [try SubjectName(server: host)]
        let (source, trust) = try side(.server, names: names)
        return ServerTLS(source, clients: .required(trust))
    }

    /// A gateway's side.
    public func client() throws(CertificateError) -> ClientTLS {
        let (source, trust) = try side(.gateway, names: [.gateway])
        return ClientTLS(source, trusting: trust)
    }

    private func side(
        _ purpose: Leaf.Purpose, names: [SubjectName]
    ) throws(CertificateError) -> (ServerTLS.Source, ServerTLS.Trust) {
        switch self {
        case .directory(let directory) where directory.hasAuthority:
            return (.automatic(directory, names: names), .own(directory))
        case .directory(let directory):
            let files = directory.files(purpose.rawValue)
            for file in [files.certificate, directory.authorityCertificate] where FileStamp(file) == nil {
                throw .noWorkerCertificate(purpose, file: file)
            }
            return (.files(files), .own(directory))
        case .files(let files, let authorities): return (.files(files), .file(authorities))
        }
    }
}
