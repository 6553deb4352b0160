/// How this server is known to workers on other machines, and they to it.
public struct WorkerSettings: SettingsSection {
    /// nil: `certificates` in the data directory.
    public var certificates: String?
    /// Instead of a directory: all three, or none.
    public var tlsCertificate: String?
    public var tlsKey: String?
    public var tlsCA: String?

    public init() {}

    static let entries: [Entry<WorkerSettings>] = [
        .setting(
            "certificates", \.certificates, .given(.path(example: "/var/lib/hadal/certificates")), .restart,
            shownDefault: "certificates in the data directory",
            "The directory of hadal certs. With the CA's key in it this server makes and renews a gateway's certificate "
                + "there; without it gateway.pem, gateway.key and ca.pem are read, and read again when they change."),
        .setting(
            "tls_certificate", \.tlsCertificate, .optional(.path(example: "/etc/hadal/tls/gateway.pem")), .restart,
            "Instead of a directory: the certificate that workers are shown, and those of its issuers, as PEM. It names the "
                + "URI hadal:gateway."),
        .setting(
            "tls_key", \.tlsKey, .optional(.path(example: "/etc/hadal/tls/gateway.key")), .restart,
            "That certificate's private key, as PEM."),
        .setting(
            "tls_ca", \.tlsCA, .optional(.path(example: "/etc/hadal/tls/workers-ca.pem")), .restart,
            "The CA certificates, as PEM, that workers' certificates must come from."),
    ]

    func check(_ findings: inout Findings) {
        let files = [("tls_certificate", tlsCertificate), ("tls_key", tlsKey), ("tls_ca", tlsCA)]
        guard files.contains(where: { $0.1 != nil }) else { return }
        for (name, path) in files where path == nil {
            findings.add(name, "the other files need it", "write '\(name): PATH'")
        }
        if certificates != nil { findings.add("certificates", "files are given as well", "keep one of them") }
    }
}
