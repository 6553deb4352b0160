import HadalFirewall
import HadalPrivacy

/// What a tenant wants done with contents.
struct ContentPolicy: Sendable {
    /// Verdicts are only recorded.
    var isDryRun = false
    var privacy = PrivacyFilter(policy: PrivacyPolicy())
    /// nil: prompts are not searched for attacks.
    var firewall: FirewallPolicy?
    /// Whether system prompts get a marker.
    var usesCanary = false
    var leaks = Leaks.flag
    /// nil: answers are not given again.
    var cache: CachePolicy?
    var record = RecordPolicy()

    enum Leaks: Sendable, Hashable { case ignore, flag, block }
}

/// When an answer is given again.
struct CachePolicy: Sendable, Hashable {
    var lifetime: Duration
    /// nil: only to the same request.
    var similarity: Similarity?

    struct Similarity: Sendable, Hashable {
        /// The served name of an embedding model.
        var model: String
        /// The least cosine.
        var threshold: Double
    }
}
