import HadalText

/// A message of a conversation, or a piece of text that comes with one.
public struct FirewallMessage: Sendable {
    public enum Role: String, Sendable, Hashable, CaseIterable {
        case system
        case user
        case assistant
        /// The result of a tool call.
        case tool
        /// A file, a web page, a passage that was retrieved.
        case document
    }

    public var role: Role
    public var text: NormalisedText
    /// Whether who asks stands behind the text. What comes from elsewhere (documents, tool results) is data: it must
    /// not give the model instructions, and is judged by rules and thresholds of its own.
    public var isTrusted: Bool

    /// - Parameter isTrusted: by default by the role.
    public init(_ role: Role, _ text: String, isTrusted: Bool? = nil) {
        self.init(role, NormalisedText(text), isTrusted: isTrusted)
    }

    public init(_ role: Role, _ text: NormalisedText, isTrusted: Bool? = nil) {
        self.role = role
        self.text = text
        self.isTrusted = isTrusted ?? (role != .tool && role != .document)
    }

    /// The operator's own text and what the model itself has said are not searched, unless they are not trusted.
    var isSearched: Bool { !isTrusted || role != .system && role != .assistant }
}
