/// How connections are protected.
public struct TLSSettings: SettingsSection {
    public enum Mode: String, CaseIterable, Sendable, Hashable { case off, automatic, files }
    public enum ClientCertificates: String, CaseIterable, Sendable, Hashable { case off, optional, required }
    public enum Version: String, CaseIterable, Sendable, Hashable {
        case v1_3 = "1.3"
        case v1_2 = "1.2"
    }

    public var mode = Mode.off
    public var certificate: String?
    public var key: String?
    public var names: [String] = []
    public var clientCertificates = ClientCertificates.off
    public var clientCA: String?
    public var minimumVersion = Version.v1_3

    public init() {}

    static let entries: [Entry<TLSSettings>] = [
        .setting(
            "mode", \.mode, .choice, .restart,
            "off: plain HTTP. automatic: certificates of Hadal's own CA (hadal certs), renewed by themselves. files: those "
                + "of certificate and key, read again when they change."),
        .setting(
            "certificate", \.certificate, .optional(.path(example: "/etc/hadal/tls/server.pem")), .restart,
            "The server's certificate and those of its issuers, as PEM."),
        .setting(
            "key", \.key, .optional(.path(example: "/etc/hadal/tls/server.key")), .restart,
            "The certificate's private key, as PEM."),
        .setting(
            "names", \.names, .list(of: .host(example: "hadal.example.org")), .restart,
            "Names and addresses that an automatic certificate is for, beside localhost and the address of listen."),
        .setting(
            "client_certificates", \.clientCertificates, .choice, .restart,
            "Whether clients may or must show a certificate, which is mapped to a user."),
        .setting(
            "client_ca", \.clientCA, .optional(.path(example: "/etc/hadal/tls/clients.pem")), .restart,
            "The CA certificates, as PEM, that clients' certificates must come from. Default with mode automatic: Hadal's own "
                + "CA."),
        .setting(
            "minimum_version", \.minimumVersion, .choice, .restart,
            "The oldest version of TLS that is spoken. 1.2 is for clients that cannot do better."),
    ]

    func check(_ findings: inout Findings) {
        if mode == .files {
            if certificate == nil { findings.add("certificate", "mode files needs it", "write 'certificate: PATH'") }
            if key == nil { findings.add("key", "mode files needs it", "write 'key: PATH'") }
        } else {
            for (name, path) in [("certificate", certificate), ("key", key)] where path != nil {
                findings.add(
                    name, "is not used with mode \(mode.rawValue)", "write 'mode: files', or remove it")
            }
        }
        if mode == .off, clientCertificates != .off {
            findings.add(
                "client_certificates", "there are none without TLS", "write 'mode: automatic' or 'mode: files'")
        }
        if mode == .files, clientCertificates != .off, clientCA == nil {
            findings.add("client_ca", "client_certificates needs it with mode files", "write 'client_ca: PATH'")
        }
    }
}
