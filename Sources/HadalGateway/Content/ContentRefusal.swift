import HadalWire

/// A request that its contents keep from being answered.
struct ContentRefusal: Error, Sendable {
    /// For the client.
    var message: String
    var verdicts: ContentVerdicts
    /// Under which it waits for somebody; nil where nothing is to be decided any more.
    var waitsAs: String?
    /// Whether the client may see the verdicts.
    var isShown: Bool

    var errorObject: ErrorObject {
        .invalidRequest(
            waitsAs.map { "\(message) It waits for somebody to allow it (\($0)); send it again then." } ?? message,
            code: waitsAs == nil ? "content_blocked" : "content_review", status: 403)
    }
}
