import Crypto
import Foundation
import SwiftASN1
import X509

/// Where a certificate, with those that issued it, and its key lie.
public struct CertificateFiles: Sendable, Hashable {
    public var certificate: String
    public var key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    /// Sees whether a server, client or gateway can use them now.
    public func check(for purpose: Leaf.Purpose, now: Date) throws(CertificateError) -> CertificateFacts {
        let pair = try load()
        try pair.check(for: purpose, now: now, file: certificate)
        return try CertificateFacts(pair.certificate)
    }

    /// Reads both and sees that they belong together.
    func load() throws(CertificateError) -> CertificatePair {
        let chain = try PEMFile.certificates(certificate)
        let key = try PEMFile.key(key)
        guard chain[0].publicKey == key.publicKey else {
            throw .keyDoesNotMatch(certificate: certificate, key: self.key)
        }
        for (index, (issued, issuer)) in zip(chain, chain.dropFirst()).enumerated()
        where issued.issuer != issuer.subject || !issuer.publicKey.isValidSignature(issued.signature, for: issued) {
            throw .brokenChain(file: certificate, position: index + 2)
        }
        return CertificatePair(chain: chain, key: key)
    }
}

/// A certificate with those that issued it, and its key.
struct CertificatePair: Sendable {
    /// Its own first.
    let chain: [Certificate]
    let key: Certificate.PrivateKey

    var certificate: Certificate { chain[0] }

    /// - Throws: where it cannot be used for this now.
    func check(for purpose: Leaf.Purpose, now: Date, file: String) throws(CertificateError) {
        guard certificate.notValidAfter > now else { throw .ended(file: file, certificate.notValidAfter) }
        guard certificate.notValidBefore <= now else { throw .notYetValid(file: file, certificate.notValidBefore) }
        guard certificate.allows(purpose) else {
            throw purpose == .server ? .notForServers(file: file) : .notForGateways(file: file)
        }
    }
}

enum PEMFile {
    /// Bytes; a chain takes some thousand.
    private static let sizeLimit = 1 << 20

    /// - Returns: at least one.
    static func certificates(_ file: String) throws(CertificateError) -> [Certificate] {
        let text = try read(file)
        do {
            let documents = try PEMDocument.parseMultiple(pemString: text)
                .filter { $0.discriminator == Certificate.defaultPEMDiscriminator }
            let certificates = try documents.map { try Certificate(pemDocument: $0) }
            guard !certificates.isEmpty else {
                throw CertificateError.notACertificate(file: file, reason: "none found")
            }
            return certificates
        } catch let error as CertificateError {
            throw error
        } catch {
            throw .notACertificate(file: file, reason: "\(error)")
        }
    }

    static func key(_ file: String) throws(CertificateError) -> Certificate.PrivateKey {
        let text = try read(file)
        guard !text.contains("BEGIN ENCRYPTED PRIVATE KEY"), !text.contains("Proc-Type: 4,ENCRYPTED") else {
            throw .encryptedKey(file: file)
        }
        do {
            // OpenSSL writes an elliptic curve's parameters before the key.
            let documents = try PEMDocument.parseMultiple(pemString: text)
            guard let document = documents.first(where: { $0.discriminator.hasSuffix("PRIVATE KEY") }) else {
                throw CertificateError.notAKey(file: file, reason: "none found")
            }
            return try Certificate.PrivateKey(pemDocument: document)
        } catch let error as CertificateError {
            throw error
        } catch {
            // What the library says could quote the file.
            throw .notAKey(file: file, reason: "it is broken or of a kind that is not supported")
        }
    }

    private static func read(_ file: String) throws(CertificateError) -> String {
        let data: Data?
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file))
            defer { try? handle.close() }
            data = try handle.read(upToCount: sizeLimit + 1)
        } catch {
            throw .unreadable(file: file, reason: CocoaReason.text(error))
        }
        guard let data, !data.isEmpty else { throw .unreadable(file: file, reason: "it is empty") }
        guard data.count <= sizeLimit else { throw .unreadable(file: file, reason: "it is larger than 1 MiB") }
        return String(decoding: data, as: UTF8.self)
    }
}

/// What the system says of a failed access.
enum CocoaReason {
    static func text(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
        if underlying.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(underlying.code))) }
        return underlying.localizedDescription
    }
}
