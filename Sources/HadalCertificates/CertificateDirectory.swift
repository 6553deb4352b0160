import Foundation
import X509

/// An authority of one's own and what it has issued, in a directory:
///
/// - `ca.key`: the authority, key and certificate in one file, so that they change together; `ca.pem`: its certificate alone
/// - `ca-previous.pem`: those it has replaced, the latest first, while certificates of theirs may still count
/// - `ca-cross.pem`: the replaced authority's word for the new one, which the server sends along
/// - `ca-bundle.pem`: all that count, for others to trust
/// - `server.pem`, `server.key`: the server's own certificate; `servers/NAME.…` of others, as workers on other machines
/// - `gateway.pem`, `gateway.key`: what the gateway shows to workers on other machines; `gateways/NAME.…` of others
/// - `clients/NAME.pem`, `clients/NAME.key`
///
/// Keys can be read by their owner alone. All files are replaced as a whole; acts of several processes come one after another.
public struct CertificateDirectory: Sendable, Hashable {
    public let path: String

    public init(_ path: String) { self.path = path }

    /// Its place below the data directory.
    public init(data: URL) { self.init(data.appendingPathComponent("certificates").path) }

    /// For how long a replaced authority is trusted: no certificate of its own counts for longer.
    static let overlap = Days(CertificateAuthority.leafDaysLimit)

    public var authorityCertificate: String { file("ca.pem") }
    var authorityKey: String { file("ca.key") }
    public var serverFiles: CertificateFiles { files(Leaf.Purpose.server.rawValue) }
    public var gatewayFiles: CertificateFiles { files(Leaf.Purpose.gateway.rawValue) }
    public var bundle: String { file("ca-bundle.pem") }
    var previous: String { file("ca-previous.pem") }
    var cross: String { file("ca-cross.pem") }

    public var hasAuthority: Bool { FileStamp(authorityKey) != nil }

    func file(_ name: String) -> String { path + "/" + name }

    func files(_ name: String) -> CertificateFiles {
        CertificateFiles(certificate: file(name + ".pem"), key: file(name + ".key"))
    }

    /// Where a certificate of that name lies. `server` itself is the server's own.
    public func files(of purpose: Leaf.Purpose, _ name: String) throws(CertificateError) -> CertificateFiles {
        let isFileName =
            (1...64).contains(name.utf8.count) && name.first != "." && !name.contains("/") && !name.contains("\0")
        guard isFileName else {
            throw .badName(name, reason: "it is also a file's name: 1 to 64 bytes, no '/', no '.' at the beginning")
        }
        return files("\(purpose.rawValue)s/\(name)")
    }

    /// Makes the authority and the server's certificate.
    public func initialise(organization: String, names: [SubjectName], now: Date) throws(CertificateError) {
        try locked { () throws(CertificateError) in
            guard !hasAuthority else { throw .authorityExists(directory: path) }
            try save(try CertificateAuthority(organization: organization, now: now), now: now)
            try renewOwn(.server, names: names, now: now)
        }
    }

    public func issue(_ leaf: Leaf, as name: String, now: Date) throws(CertificateError) -> CertificateFiles {
        let files = try files(of: leaf.purpose, name)
        try locked { () throws(CertificateError) in
            let directory = URL(fileURLWithPath: files.certificate).deletingLastPathComponent().path
            try makeDirectory(directory)
            try issue(leaf, to: files, now: now)
        }
        return files
    }

    /// Issues a certificate that there is already anew, for the same names and as many days.
    public func rotate(_ purpose: Leaf.Purpose, _ name: String, now: Date) throws(CertificateError) -> CertificateFiles
    {
        let files = try files(of: purpose, name)
        guard FileStamp(files.certificate) != nil else {
            throw .noCertificate(name: name, directory: path)
        }
        try locked { () throws(CertificateError) in
            let old = try PEMFile.certificates(files.certificate)[0]
            let days = Int((old.notValidAfter.timeIntervalSince(old.notValidBefore) / 86400).rounded())
            let leaf = Leaf(
                purpose, commonName: name, names: old.names,
                days: min(max(days, 1), CertificateAuthority.leafDaysLimit))
            try issue(leaf, to: files, now: now)
        }
        return files
    }

    /// Issues the server's certificate anew, and the gateway's where there is one.
    public func rotateOwn(now: Date) throws(CertificateError) {
        try locked { () throws(CertificateError) in try renewAllOwn(now: now) }
    }

    /// Replaces the authority and its own certificates. What the old one has issued counts until it ends.
    /// - Parameter distrust: it does not, and the old authority does not vouch for the new one: its key is in wrong hands.
    public func rotateAuthority(organization: String?, distrust: Bool, now: Date) throws(CertificateError) {
        try locked { () throws(CertificateError) in
            let old = try loadAuthority()
            let organization = organization ?? old.certificate.subject.organization ?? "Hadal"
            let new = try CertificateAuthority(organization: organization, now: now)
            if distrust {
                try remove(previous)
                try remove(cross)
            } else {
                let kept = [old.certificate] + (try previousAuthorities(of: old.certificate, now: now))
                try write(try kept.pem(), to: previous)
                let end = now + Self.overlap
                try write(try [old.vouch(for: new, now: now, until: end)].pem(), to: cross)
            }
            try save(new, now: now)
            try renewAllOwn(now: now)
        }
    }

    /// The authorities whose certificates count, the present one first.
    func trustedAuthorities(now: Date) throws(CertificateError) -> [Certificate] {
        guard FileStamp(authorityCertificate) != nil else { throw .noAuthority(directory: path) }
        let current = try PEMFile.certificates(authorityCertificate)[0]
        return [current] + (try previousAuthorities(of: current, now: now))
    }

    /// Those replaced not long ago. A replaced one has issued until its successor began.
    func previousAuthorities(of current: Certificate, now: Date) throws(CertificateError) -> [Certificate] {
        guard FileStamp(previous) != nil else { return [] }
        var successor = current
        var trusted: [Certificate] = []
        // The present one is among them where a change was cut off half-way.
        for old in try PEMFile.certificates(previous) where old != current {
            guard successor.notValidBefore + Self.overlap > now else { break }
            if old.notValidAfter > now { trusted.append(old) }
            successor = old
        }
        return trusted
    }

    /// When the next one of the replaced is no longer trusted.
    func nextEndOfTrust(now: Date) throws(CertificateError) -> Date? {
        let successors = try trustedAuthorities(now: now).dropLast()
        return successors.map { $0.notValidBefore + Self.overlap }.filter { $0 > now }.min()
    }

    func loadAuthority() throws(CertificateError) -> CertificateAuthority {
        guard hasAuthority else { throw .noAuthority(directory: path) }
        return try CertificateAuthority(
            certificate: try PEMFile.certificates(authorityKey)[0], key: try PEMFile.key(authorityKey),
            file: authorityKey)
    }
}
