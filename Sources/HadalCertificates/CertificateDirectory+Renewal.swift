import Foundation
import Logging
import X509

extension CertificateDirectory {
    /// Makes what a server or gateway needs and is not there: the authority, the certificate; and issues the certificate anew
    /// where it lacks a name, has ended or a change of it was cut off half-way.
    func prepare(
        _ purpose: Leaf.Purpose, names: [SubjectName], now: Date, _ logger: Logger
    ) throws(CertificateError) {
        let files = files(purpose.rawValue)
        if !hasAuthority {
            do throws(CertificateError) {
                try initialise(organization: "Hadal", names: names, now: now)
                logger.notice("made a certificate authority; clients must trust \(authorityCertificate)")
            } catch .authorityExists {
                // Another process was quicker.
            }
        }
        try locked { () throws(CertificateError) in
            let present = try? PEMFile.certificates(files.certificate)[0]
            let had = present?.names ?? []
            let missing = names.filter { !had.contains($0) }
            let isUsable = (try? files.check(for: purpose, now: now)) != nil
            if !missing.isEmpty || !isUsable { try renewOwn(purpose, names: had + missing, now: now) }
        }
    }

    /// Issues an own certificate anew where a third of its life is left, or it cannot be used.
    func renewIfDue(_ purpose: Leaf.Purpose, now: Date) throws(CertificateError) {
        try locked { () throws(CertificateError) in
            if let facts = try? files(purpose.rawValue).check(for: purpose, now: now), facts.renewal > now { return }
            try renewOwn(purpose, names: nil, now: now)
        }
    }
}
