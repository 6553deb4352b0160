import Foundation
import NIOSSL
import X509

/// What a server's TLS is, as it was read from the files.
struct LoadedTLS: Sendable {
    let context: NIOSSLContext
    var status: CertificateStatus
    /// When an authority that clients' certificates are trusted by now no longer is.
    let trustEnds: Date?
    /// The files that were read.
    let stamps: [FileStamp?]

    init(_ settings: ServerTLS, generation: Int, now: Date) throws(CertificateError) {
        // Before reading: what is replaced meanwhile is read again at the next look.
        stamps = settings.watched.map { FileStamp($0) }
        let pair = try settings.files.load()
        try pair.checkForServer(now: now, file: settings.files.certificate)
        let facts = try CertificateFacts(pair.certificate)
        status = CertificateStatus(certificate: facts, loaded: now, generation: generation)
        if case .automatic(let directory, _) = settings.source {
            status.renewal = facts.renewal
            status.authority = try CertificateFacts(PEMFile.certificates(directory.authorityCertificate)[0])
        }
        trustEnds =
            if case .own(let directory)? = settings.clients.trust { try directory.nextEndOfTrust(now: now) } else {
                nil
            }
        let trusted = if let trust = settings.clients.trust { try trust.authorities(now: now) } else { [Certificate]() }
        do {
            context = try NIOSSLContext(configuration: try settings.configuration(pair, trusting: trusted))
        } catch {
            throw .tls(reason: "\(error)")
        }
    }
}
