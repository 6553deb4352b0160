/// Who is on the other side of a connection, as far as the connection itself tells.
struct ConnectionPeer: Sendable {
    var address: RemoteAddress?
    var certificate: PeerCertificate?
    /// Whether the connection is TLS.
    var isEncrypted = false
    /// Its requests are streams of one connection.
    var speaksHTTP2 = false
}
