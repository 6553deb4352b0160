/// Why somebody is not let through. A client reads `description`; what would help an attacker (which part of a credential was
/// wrong, whether a name exists) is in `detail`, for the log and the audit alone.
public enum AccessError: Error, Sendable, Hashable {
    /// Nothing was shown, and something must be.
    case credentialsNeeded
    /// Something was shown that does not count: unknown, wrong, expired, revoked, for another audience.
    case credentialsRefused(detail: String)
    /// Too many wrong attempts.
    case lockedOut(seconds: Int)
    case notAllowed(Permission)
    case modelNotAllowed(String)
    case secondFactorNeeded(Permission)
    /// It is wanted, and the user has set up none.
    case secondFactorNotSetUp(Permission)
    case secondFactorWrong
    /// Name and password are right, and the user's second factor must come with them.
    case codeNeeded
    case addressNotAllowed(String)
    /// A browser's session asked for a change without the token that a page of ours would have sent.
    case forgeryTokenNeeded
    /// It cannot be found out now: the database cannot be read or written, or too many log-ins run.
    case unavailable(detail: String)
}

extension AccessError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .credentialsNeeded:
            "no API key was given; send it as 'Authorization: Bearer KEY' or 'x-api-key: KEY'"
        case .credentialsRefused: "the key, token or password is wrong, has ended or was revoked"
        case .lockedOut(let seconds): "too many wrong attempts; try again in \(seconds) seconds"
        case .notAllowed(let permission): "this needs the permission '\(permission.rawValue)', which you do not have"
        case .modelNotAllowed(let model): "you may not use the model '\(model)'"
        case .secondFactorNeeded(let permission):
            "'\(permission.rawValue)' needs a second factor: send a code of your authenticator as 'X-Hadal-OTP'"
        case .secondFactorNotSetUp(let permission):
            "'\(permission.rawValue)' needs a second factor, and you have set up none; do so under /admin/v1/me/second-factor"
        case .secondFactorWrong: "the code of the second factor is wrong, was used before or is too old"
        case .codeNeeded: "this user has a second factor: send its code too"
        case .addressNotAllowed(let address): "requests from \(address) are not allowed"
        case .forgeryTokenNeeded: "the header X-CSRF-Token is missing or not the session's"
        case .unavailable: "who you are cannot be checked at present; try again in a few seconds"
        }
    }
}
