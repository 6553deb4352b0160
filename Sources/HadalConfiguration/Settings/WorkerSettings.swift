/// How workers are waited for, and how those on other machines know this server and it them.
public struct WorkerSettings: SettingsSection {
    /// nil: `certificates` in the data directory.
    public var certificates: String?
    /// Instead of a directory: all three, or none.
    public var tlsCertificate: String?
    public var tlsKey: String?
    public var tlsCA: String?
    public var wait = Duration.seconds(120)
    public var unresponsive = Duration.seconds(60)
    public var drain = Duration.seconds(300)

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
        .setting(
            "wait", \.wait, .duration(.zero...(.seconds(3600)), example: "2m"), .restart,
            "How long a worker may be away until nobody waits for it: answers that it had begun go on with the next one, and "
                + "new requests wait. Then, and with 0s at once, they end with the error worker_lost or model_not_ready."
        ),
        .setting(
            "unresponsive", \.unresponsive, .duration(.seconds(1)...(.seconds(3600)), example: "60s"), .restart,
            "A worker on this machine that has not answered for so long how it is, is ended and started anew. Workers answer "
                + "also while they compute."),
        .setting(
            "drain", \.drain, .duration(.zero...(.seconds(86_400)), example: "5m"), .restart,
            "How long a version that is taken away (docs/releases.md) may go on with what it computes; then that is cut off."
        ),
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
