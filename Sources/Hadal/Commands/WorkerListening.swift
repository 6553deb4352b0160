import ArgumentParser
import HadalCertificates
import HadalGateway
import HadalWorker

/// Where a worker listens: a socket, or a port with certificates.
struct WorkerListening: ParsableArguments {
    @Option(help: ArgumentHelp("The socket to listen on, for a gateway on this machine.", valueName: "path"))
    var socket: String?
    @Option(
        help: ArgumentHelp(
            "The address to listen on, for gateways on other machines; always TLS 1.3, with certificates of both sides.",
            valueName: "host:port"))
    var listen: String?
    @Option(
        help: ArgumentHelp(
            "Where server.pem, server.key and ca.pem lie, for --listen: a directory of 'hadal certs', or what was copied from one.",
            valueName: "dir"))
    var certificates: String?
    @Option(help: ArgumentHelp("Instead of --certificates: the worker's certificate.", valueName: "file"))
    var tlsCertificate: String?
    @Option(help: ArgumentHelp("Its key.", valueName: "file")) var tlsKey: String?
    @Option(
        name: .customLong("tls-ca"),
        help: ArgumentHelp("The authorities that gateways' certificates must come from.", valueName: "file"))
    var tlsCA: String?

    private var files: [String?] { [tlsCertificate, tlsKey, tlsCA] }

    func validate() throws {
        guard (socket == nil) != (listen == nil) else {
            throw ValidationError("say where to listen: --socket PATH, or --listen HOST:PORT --certificates DIR")
        }
        let hasFiles = files.contains { $0 != nil }
        guard listen != nil else {
            guard certificates == nil, !hasFiles else { throw ValidationError("certificates are for --listen") }
            return
        }
        guard !hasFiles || files.allSatisfy({ $0 != nil }) else {
            throw ValidationError("--tls-certificate, --tls-key and --tls-ca go together")
        }
        guard hasFiles != (certificates != nil) else {
            throw ValidationError(
                "--listen needs --certificates DIR, or --tls-certificate, --tls-key and --tls-ca: there is no way without"
            )
        }
    }

    func address() throws -> WorkerAddress {
        if let socket { return .socket(socket) }
        let address = try ListenAddress(parsing: listen ?? "")
        let certificates: WorkerCertificates =
            if let tlsCertificate, let tlsKey, let tlsCA {
                .files(CertificateFiles(certificate: tlsCertificate, key: tlsKey), authorities: tlsCA)
            } else {
                .directory(CertificateDirectory(certificates ?? ""))
            }
        return .network(host: address.host, port: address.port, certificates)
    }
}
