import Foundation
import SwiftASN1
import X509

/// What is done while the directory is locked.
extension CertificateDirectory {
    /// Runs `body` while no other process changes the directory, which is made where there is none.
    func locked<Value>(_ body: () throws(CertificateError) -> Value) throws(CertificateError) -> Value {
        try makeDirectory(path)
        let lock = open(file(".lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw AtomicFile.failure(file(".lock")) }
        // Closing it ends the lock.
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 {
            guard errno == EINTR else { throw AtomicFile.failure(file(".lock")) }
        }
        return try body()
    }

    /// Only its owner gets into it.
    func makeDirectory(_ path: String) throws(CertificateError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .unwritable(file: path, reason: CocoaReason.text(error))
        }
    }

    func renewAllOwn(now: Date) throws(CertificateError) {
        try renewOwn(.server, names: nil, now: now)
        if FileStamp(gatewayFiles.certificate) != nil { try renewOwn(.gateway, names: nil, now: now) }
    }

    /// - Parameter names: nil: those it has.
    func renewOwn(_ purpose: Leaf.Purpose, names: [SubjectName]?, now: Date) throws(CertificateError) {
        let files = files(purpose.rawValue)
        let names = if let names { names } else { try PEMFile.certificates(files.certificate)[0].names }
        try issue(Leaf(purpose, commonName: "Hadal \(purpose.rawValue)", names: names), to: files, now: now)
    }

    /// Writes the key first: who sees a half of the pair sees that it does not match, and waits for the other.
    func issue(_ leaf: Leaf, to files: CertificateFiles, now: Date) throws(CertificateError) {
        let authority = try loadAuthority()
        try publish(authority.certificate, now: now)
        let issued = try authority.issue(leaf, now: now)
        var chain = [issued.certificate]
        // Servers and workers may know the old authority only; a server that asks users for certificates knows both.
        if leaf.purpose != .client, FileStamp(cross) != nil {
            chain += try PEMFile.certificates(cross).filter { $0.notValidAfter > now }
        }
        try AtomicFile.write(try issued.keyPEM(), to: files.key, isSecret: true)
        try write(try chain.pem(), to: files.certificate)
    }

    func save(_ authority: CertificateAuthority, now: Date) throws(CertificateError) {
        try AtomicFile.write(try authority.pem(), to: authorityKey, isSecret: true)
        try publish(authority.certificate, now: now)
    }

    /// Writes down whom to trust. Done again with each certificate, for a change may have been cut off half-way, and
    /// replaced authorities end.
    private func publish(_ certificate: Certificate, now: Date) throws(CertificateError) {
        try write(try certificate.pem(), to: authorityCertificate)
        try write(try trustedAuthorities(now: now).pem(), to: bundle)
    }

    func write(_ text: String, to path: String) throws(CertificateError) {
        try AtomicFile.write(text, to: path, isSecret: false)
    }

    func remove(_ path: String) throws(CertificateError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw AtomicFile.failure(path) }
    }
}

extension [Certificate] {
    func pem() throws(CertificateError) -> String {
        var text = ""
        for certificate in self { text += try certificate.pem() }
        return text
    }
}

extension DistinguishedName {
    var organization: String? { value(of: .RDNAttributeType.organizationName) }
    var commonName: String? { value(of: .RDNAttributeType.commonName) }

    private func value(of type: ASN1ObjectIdentifier) -> String? {
        lazy.flatMap { Array($0) }.first { $0.type == type }.flatMap { String($0.value) }
    }
}
