import Foundation
import HadalJSON
import NIOCore

/// Who is on the other side of a connection, told to another process of this user that answers for it.
extension ClientConnection {
    /// What `standing` takes.
    public var peerText: String {
        let certificate = peer.certificate.map { certificate -> JSON in
            .compact([
                ("name", certificate.commonName.map(JSON.string)),
                ("uris", .array(certificate.uris.map(JSON.string))),
                ("emails", .array(certificate.emails.map(JSON.string))),
                ("fingerprint", .string(certificate.fingerprint)), ("serial", .string(certificate.serial)),
                ("notAfter", .double(certificate.notAfter.timeIntervalSince1970)),
            ])
        }
        let json = JSON.compact([
            ("address", peer.address.map { .string($0.text) }), ("isEncrypted", .bool(peer.isEncrypted)),
            ("certificate", certificate),
        ])
        return Data(json.bytes).base64EncodedString()
    }

    /// A connection that ends with this one and has another peer.
    /// - Returns: nil where the text is none of `peerText`.
    public func standing(for peerText: String) -> ClientConnection? {
        guard let data = Data(base64Encoded: peerText), let json = try? JSON(parsing: data) else { return nil }
        var peer = ConnectionPeer(isEncrypted: json["isEncrypted"]?.bool ?? false)
        if let address = json["address"]?.string {
            guard let parsed = try? SocketAddress(ipAddress: address, port: 0) else { return nil }
            peer.address = RemoteAddress(parsed)
        }
        if let certificate = json["certificate"] {
            guard let fingerprint = certificate["fingerprint"]?.string, let serial = certificate["serial"]?.string,
                let end = certificate["notAfter"]?.double
            else { return nil }
            func texts(_ name: String) -> [String] { certificate[name]?.array?.compactMap(\.string) ?? [] }
            peer.certificate = PeerCertificate(
                commonName: certificate["name"]?.string, uris: texts("uris"), emails: texts("emails"),
                fingerprint: fingerprint, serial: serial, notAfter: Date(timeIntervalSince1970: end))
        }
        let connection = ClientConnection(channel, peer)
        _ = onClose { connection.close() }
        return connection
    }
}
