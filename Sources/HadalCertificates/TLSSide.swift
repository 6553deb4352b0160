import NIOSSL
import X509

/// One side of TLS connections, as a `CertificateKeeper` looks after it: a certificate, and whom the side trusts.
protocol TLSSide: Sendable, Hashable {
    /// What its certificate must be for.
    var purpose: Leaf.Purpose { get }
    var source: ServerTLS.Source { get }
    /// Whose certificates the other side may show; nil: it is asked for none.
    var trust: ServerTLS.Trust? { get }

    func configuration(_ pair: CertificatePair, trusting authorities: [Certificate]) throws -> TLSConfiguration
}

extension TLSSide {
    var files: CertificateFiles {
        switch source {
        case .automatic(let directory, _): directory.files(purpose.rawValue)
        case .files(let files): files
        }
    }

    /// All that is read, and watched.
    var watched: [String] { [files.certificate, files.key] + (trust?.files ?? []) }
}
