import NIOSSL
import X509

/// How a gateway speaks TLS with workers on other machines: TLS 1.3, it shows a certificate, and the worker's must be of a
/// trusted authority and for the name or address by which it is called.
public struct ClientTLS: TLSSide {
    let source: ServerTLS.Source
    private let authorities: ServerTLS.Trust

    init(_ source: ServerTLS.Source, trusting authorities: ServerTLS.Trust) {
        self.source = source
        self.authorities = authorities
    }

    var purpose: Leaf.Purpose { .gateway }
    var trust: ServerTLS.Trust? { authorities }

    func configuration(_ pair: CertificatePair, trusting authorities: [Certificate]) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        configuration.certificateChain = try pair.chain.map { .certificate(try $0.forTLS()) }
        configuration.privateKey = .privateKey(
            try NIOSSLPrivateKey(bytes: Array(try pair.key.pem().utf8), format: .pem))
        configuration.trustRoots = .certificates(try authorities.map { try $0.forTLS() })
        configuration.certificateVerification = .fullVerification
        configuration.curves = TLSConfiguration.ourCurves
        return configuration
    }
}
