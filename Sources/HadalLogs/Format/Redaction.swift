/// Takes secrets out of what is logged, whoever put them there.
enum Redaction {
    static let mark = "[redacted]"
    private static let names: Set = [
        "password", "passphrase", "secret", "token", "authorization", "cookie", "api_key", "apikey", "key",
        "client_secret",
    ]

    /// Of a member with this name nothing is written.
    static func isSecret(_ name: String) -> Bool { names.contains(name.lowercased()) }

    /// The text without keys, bearer tokens and passwords in addresses.
    static func cleaned(_ text: String) -> String {
        // Most have nothing of the kind, and looking for these is quick.
        guard
            text.contains("hadal_") || text.contains("sk-") || text.contains("earer ") || text.contains("://")
                || text.contains("hf_")
                || text.contains("eyJ")
        else { return text }
        return
            text
            // Names of metrics are shorter than keys.
            .replacing(/\bhadal_[A-Za-z0-9_\-]{40,}/) { _ in "hadal_\(mark)" }
            .replacing(/\b(sk-|hf_)[A-Za-z0-9_\-]{12,}/) { "\($0.1)\(mark)" }
            .replacing(/\b([Bb]earer )[A-Za-z0-9._~+\/=\-]{8,}/) { "\($0.1)\(mark)" }
            .replacing(/\beyJ[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]*/) { _ in mark }
            .replacing(/(:\/\/[^\s\/:@]*:)[^\s\/@]+@/) { "\($0.1)\(mark)@" }
    }
}
