import Foundation

/// Where a Vault or OpenBao server is, and which of its transit keys is the master key.
public struct TransitSettings: Sendable, Hashable {
    /// `https://HOST:PORT`. Plain HTTP only on this machine, as the token travels with each request.
    public var address: String
    /// Where the transit engine is mounted.
    public var mount: String
    /// The name of the key in it.
    public var key: String
    /// Read again for each request, so that an agent (`bao agent`) may renew it.
    public var token: SecretPlace
    /// `X-Vault-Namespace`.
    public var namespace: String?
    /// PEM certificates to trust instead of the system's.
    public var certificateAuthorities: String?
    /// How long one attempt may take, in seconds.
    public var timeout: Double
    /// How often a request is made where nobody answers or the server is at fault.
    public var attempts: Int

    public init(
        address: String, mount: String = "transit", key: String = "hadal", token: SecretPlace,
        namespace: String? = nil, certificateAuthorities: String? = nil, timeout: Double = 5, attempts: Int = 3
    ) {
        self.address = address
        self.mount = mount
        self.key = key
        self.token = token
        self.namespace = namespace
        self.certificateAuthorities = certificateAuthorities
        self.timeout = timeout
        self.attempts = attempts
    }

    func check() throws(SecretsError) {
        guard let url = URLComponents(string: address), let host = url.host, !host.isEmpty, url.user == nil,
            url.query == nil, url.fragment == nil, url.path.isEmpty || url.path == "/"
        else { throw .badSettings(problem: "transit's address '\(address)' is not https://HOST:PORT") }
        switch url.scheme {
        case "https": break
        case "http" where ["127.0.0.1", "[::1]", "::1", "localhost"].contains(host): break
        case "http":
            throw .badSettings(problem: "transit's address '\(address)': the token needs https, except on this machine")
        default: throw .badSettings(problem: "transit's address '\(address)' is not https://HOST:PORT")
        }
        guard Self.isName(key), mount.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(Self.isName)
        else { throw .badSettings(problem: "transit's mount or key name has characters other than A-Z a-z 0-9 . _ -") }
        guard timeout > 0, timeout <= 300, (1...10).contains(attempts) else {
            throw .badSettings(problem: "transit's timeout is up to 300 s, its attempts are 1 to 10")
        }
    }

    private static func isName(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text != "." && text != ".."
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
