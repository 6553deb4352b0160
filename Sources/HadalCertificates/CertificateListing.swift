import Foundation
import X509

/// A certificate in the directory.
public struct CertificateEntry: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        case authority
        /// Replaced, and still trusted.
        case previousAuthority = "previous authority"
        case server, client, gateway
    }

    public var kind: Kind
    /// Its files' name; empty for authorities and the server's own.
    public var name: String
    public var file: String
    public var facts: CertificateFacts
}

extension CertificateDirectory {
    /// All that lies there. A file that cannot be read is an error of its own, `check` tells of it.
    public func entries(now: Date) throws(CertificateError) -> [CertificateEntry] {
        var entries: [CertificateEntry] = []
        for (index, certificate) in try trustedAuthorities(now: now).enumerated() {
            entries.append(
                CertificateEntry(
                    kind: index == 0 ? .authority : .previousAuthority, name: "",
                    file: index == 0 ? authorityCertificate : previous, facts: try CertificateFacts(certificate)))
        }
        for (kind, name, files) in issued {
            let certificate = try PEMFile.certificates(files.certificate)[0]
            entries.append(
                CertificateEntry(
                    kind: kind, name: name, file: files.certificate, facts: try CertificateFacts(certificate)))
        }
        return entries
    }

    /// What is wrong with it, for people; empty where nothing is.
    public func problems(now: Date) -> [String] {
        var problems: [String] = []
        func attempt(_ body: () throws(CertificateError) -> Void) {
            do throws(CertificateError) { try body() } catch { problems.append(error.description) }
        }
        func checkMode(_ file: String) {
            var status = stat()
            if stat(file, &status) == 0, status.st_mode & 0o077 != 0 {
                problems.append("others than its owner may read \(file); 'chmod 600 \(file)'")
            }
        }
        var authorities: [Certificate] = []
        attempt { () throws(CertificateError) in
            let authority = try loadAuthority().certificate
            authorities = try trustedAuthorities(now: now)
            if authorities[0] != authority {
                problems.append(
                    "\(authorityCertificate) is not the certificate of \(authorityKey); 'hadal certs rotate' puts it right"
                )
            }
            if authority.notValidAfter <= now { throw .ended(file: authorityCertificate, authority.notValidAfter) }
        }
        checkMode(authorityKey)
        for (kind, name, files) in issued {
            attempt { () throws(CertificateError) in
                // Another's key need not stay here once it was handed over.
                let hasKey = kind == .server || name.isEmpty || FileStamp(files.key) != nil
                let certificate =
                    hasKey ? try files.load().certificate : try PEMFile.certificates(files.certificate)[0]
                if certificate.notValidAfter <= now { throw .ended(file: files.certificate, certificate.notValidAfter) }
                let isTrusted = authorities.contains {
                    $0.subject == certificate.issuer
                        && $0.publicKey.isValidSignature(certificate.signature, for: certificate)
                }
                if !isTrusted { problems.append("no authority that is trusted has issued \(files.certificate)") }
            }
            checkMode(files.key)
        }
        return problems
    }

    private var issued: [(CertificateEntry.Kind, String, CertificateFiles)] {
        var issued: [(CertificateEntry.Kind, String, CertificateFiles)] = []
        if FileStamp(serverFiles.certificate) != nil { issued.append((.server, "", serverFiles)) }
        if FileStamp(gatewayFiles.certificate) != nil { issued.append((.gateway, "", gatewayFiles)) }
        let folders = [(CertificateEntry.Kind.server, "servers"), (.client, "clients"), (.gateway, "gateways")]
        for (kind, folder) in folders {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: file(folder))) ?? []
            for name in names.sorted() where name.hasSuffix(".pem") && !name.hasPrefix(".") {
                let name = String(name.dropLast(4))
                issued.append((kind, name, files(folder + "/" + name)))
            }
        }
        return issued
    }
}
