import Foundation
import NIOSSL
import X509

/// How a server speaks TLS.
public struct ServerTLS: TLSSide {
    public enum Source: Sendable, Hashable {
        /// Of one's own authority, which is made where there is none; renewed when a third of its life is left.
        /// `names` are added to those that the certificate has.
        case automatic(CertificateDirectory, names: [SubjectName])
        /// What the operator provides, and replaces when it is time.
        case files(CertificateFiles)
    }

    public enum ClientCertificates: Sendable, Hashable {
        /// Not asked for.
        case off
        /// Asked for; who has none shows otherwise who it is. One that does not count ends the connection.
        case optional(Trust)
        case required(Trust)

        var trust: Trust? {
            switch self {
            case .off: nil
            case .optional(let trust), .required(let trust): trust
            }
        }
    }

    /// Whose certificates clients may show.
    public enum Trust: Sendable, Hashable {
        /// One's own authority's, and its predecessor's for a while.
        case own(CertificateDirectory)
        /// Those of the authorities in this file, PEM.
        case file(String)

        func authorities(now: Date) throws(CertificateError) -> [Certificate] {
            switch self {
            case .own(let directory): try directory.trustedAuthorities(now: now)
            case .file(let path): try PEMFile.certificates(path)
            }
        }

        var files: [String] {
            switch self {
            case .own(let directory): [directory.authorityCertificate, directory.previous]
            case .file(let path): [path]
            }
        }
    }

    public enum MinimumVersion: String, Sendable, Hashable, CaseIterable {
        case tls13 = "1.3"
        /// Also TLS 1.2, with forward secrecy and authenticated encryption only.
        case tls12 = "1.2"
    }

    public var source: Source
    public var clients: ClientCertificates
    public var minimumVersion: MinimumVersion

    public init(_ source: Source, clients: ClientCertificates = .off, minimumVersion: MinimumVersion = .tls13) {
        self.source = source
        self.clients = clients
        self.minimumVersion = minimumVersion
    }

    var purpose: Leaf.Purpose { .server }
    var trust: Trust? { clients.trust }

    func configuration(_ pair: CertificatePair, trusting authorities: [Certificate]) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try pair.chain.map { .certificate(try $0.forTLS()) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(try pair.key.pem().utf8), format: .pem)))
        configuration.minimumTLSVersion = minimumVersion == .tls13 ? .tlsv13 : .tlsv12
        // RFC 9325, 4.2; TLS 1.3 has suites of its own.
        configuration.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        configuration.curves = TLSConfiguration.ourCurves
        configuration.applicationProtocols = ["h2", "http/1.1"]
        if clients != .off {
            configuration.trustRoots = .certificates(try authorities.map { try $0.forTLS() })
            // So a browser offers those that count.
            configuration.sendCANameList = true
        }
        switch clients {
        case .off: configuration.certificateVerification = .none
        case .optional: configuration.certificateVerification = .optionalVerification
        case .required: configuration.certificateVerification = .noHostnameVerification
        }
        return configuration
    }
}

extension TLSConfiguration {
    /// The first holds against who records today and has a quantum computer later.
    static let ourCurves: [NIOTLSCurve] = [.x25519_MLKEM768, .x25519, .secp256r1, .secp384r1]
}

extension Certificate {
    func forTLS() throws -> NIOSSLCertificate { try NIOSSLCertificate(bytes: try der(), format: .der) }
}
