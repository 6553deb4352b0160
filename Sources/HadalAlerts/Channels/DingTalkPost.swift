import Crypto
import Foundation
import HadalJSON

/// Markdown for a robot of DingTalk: https://open.dingtalk.com/document/robots/custom-robot-access
enum DingTalkPost {
    /// Of 20 000 that a message may have.
    private static let textBytesMax = 16_000

    static func post(_ message: AlertMessage, secret: String?, time: Date) -> RobotChannel.Post {
        let title = RobotText.title(message)
        // A line break alone is none there.
        let text = RobotText.markdown(message, bytesMax: textBytesMax).replacing("\n", with: "  \n")
        var post = RobotChannel.Post(
            body: [
                "msgtype": "markdown",
                "markdown": ["title": .string(title), "text": .string("#### \(title)  \n  \n\(text)")],
            ])
        if let secret {
            let timestamp = "\(Int(time.timeIntervalSince1970 * 1000))"
            post.query = [("timestamp", timestamp), ("sign", sign(timestamp: timestamp, secret: secret))]
        }
        return post
    }

    /// The key is the secret; signed are the time in milliseconds, a line break and the secret.
    static func sign(timestamp: String, secret: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(timestamp)\n\(secret)".utf8), using: SymmetricKey(data: Data(secret.utf8)))
        return Data(code).base64EncodedString()
    }
}
