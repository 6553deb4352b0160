/// What an attack on a prompt tries.
public enum AttackFamily: String, Sendable, Hashable, CaseIterable {
    /// To put other instructions in place of those given.
    case override
    /// To learn the system prompt or a secret in it.
    case extraction
    /// To get a model to play one that has no rules.
    case jailbreak
    /// To claim powers: developer mode, the administrator's word.
    case authority
    /// To forge the marks of a chat template.
    case tokens
    /// To forge or force tool calls.
    case tools
    /// To send data away, through links, images or tools.
    case exfiltration
    /// Instructions for an assistant in a document or a tool's result.
    case indirect
    /// Instructions that are encoded, or asked to be decoded and followed.
    case encoded
    /// Text that people do not see.
    case hidden
    /// Found by the classifier alone.
    case learned
}
