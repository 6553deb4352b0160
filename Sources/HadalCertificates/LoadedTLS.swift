import Foundation
import NIOSSL
import X509

/// What a side's TLS is, as it was read from the files.
struct LoadedTLS: Sendable {
    let configuration: TLSConfiguration
    let context: NIOSSLContext
    var status: CertificateStatus
    /// When an authority that the other side's certificates are trusted by now no longer is.
    let trustEnds: Date?
    /// The files that were read.
    let stamps: [FileStamp?]

    init(_ settings: some TLSSide, generation: Int, now: Date) throws(CertificateError) {
        // Before reading: what is replaced meanwhile is read again at the next look.
        stamps = settings.watched.map { FileStamp($0) }
        let pair = try settings.files.load()
        try pair.check(for: settings.purpose, now: now, file: settings.files.certificate)
        let facts = try CertificateFacts(pair.certificate)
        status = CertificateStatus(certificate: facts, loaded: now, generation: generation)
        if case .automatic(let directory, _) = settings.source {
            status.renewal = facts.renewal
            status.authority = try CertificateFacts(PEMFile.certificates(directory.authorityCertificate)[0])
        }
        trustEnds =
            if case .own(let directory)? = settings.trust { try directory.nextEndOfTrust(now: now) } else {
                nil
            }
        let trusted = if let trust = settings.trust { try trust.authorities(now: now) } else { [Certificate]() }
        do {
            configuration = try settings.configuration(pair, trusting: trusted)
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw .tls(reason: "\(error)")
        }
    }
}
