import NIOSSL

enum AlertTLS {
    /// - Parameter authority: a file of certificates (PEM) of who signs the server's; nil: those that the system
    ///   trusts.
    /// - Throws: `AlertError.channel`.
    static func client(channel: String, authority: String?) throws(AlertError) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        guard let authority else { return configuration }
        do {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority))
        } catch {
            throw .channel(channel, field: "tls_authority", problem: "\(authority) holds no certificates (PEM)")
        }
        return configuration
    }
}
