import Foundation

/// Whoever asks. The secret key and the token are never shown.
public struct S3Credentials: Sendable, Hashable {
    public let keyID: String
    let secretKey: String
    let sessionToken: String?

    public init(keyID: String, secretKey: String, sessionToken: String? = nil) {
        self.keyID = keyID
        self.secretKey = secretKey
        self.sessionToken = sessionToken
    }

    /// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or else the profile AWS_PROFILE of
    /// AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials).
    /// - Throws: `ObjectError.noCredentials`, `.badSetting`, `.system`
    public init(environment: [String: String]) throws(ObjectError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let file = value("AWS_SHARED_CREDENTIALS_FILE") ?? (value("HOME") ?? NSHomeDirectory()) + "/.aws/credentials"
        if let keyID = value("AWS_ACCESS_KEY_ID") {
            guard let secret = value("AWS_SECRET_ACCESS_KEY") else {
                throw .badSetting(source: "AWS_SECRET_ACCESS_KEY", problem: "is not set, and AWS_ACCESS_KEY_ID is")
            }
            self.init(keyID: keyID, secretKey: secret, sessionToken: value("AWS_SESSION_TOKEN"))
        } else {
            guard FileManager.default.fileExists(atPath: file) else { throw .noCredentials(file: file) }
            let profile = value("AWS_PROFILE") ?? "default"
            self = try SharedCredentialsFile(file).credentials(profile: profile)
        }
        if let problem { throw .badSetting(source: "the S3 credentials", problem: problem) }
    }

    /// They go into headers as they are.
    private var problem: String? {
        let all = [keyID, secretKey, sessionToken].compactMap { $0 }
        let isPlain = all.allSatisfy { $0.utf8.allSatisfy { (0x21...0x7e).contains($0) } }
        return isPlain ? nil : "hold spaces or characters that no key has; copy them again"
    }

    /// What a server wrote, without what must not be shown.
    func hidden(in text: String) -> String {
        [secretKey, sessionToken].compactMap { $0 }.filter { !$0.isEmpty }.reduce(text) {
            $0.replacingOccurrences(of: $1, with: "‹hidden›")
        }
    }
}

extension S3Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "S3Credentials(\(keyID))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["keyID": keyID]) }
}
