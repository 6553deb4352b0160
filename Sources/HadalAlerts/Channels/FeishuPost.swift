import Crypto
import Foundation
import HadalJSON

/// A card for a robot of Feishu (or Lark):
/// https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
enum FeishuPost {
    /// Of a body of 20 KiB; what JSON escapes takes more room.
    private static let textBytesMax = 12 << 10

    static func post(_ message: AlertMessage, secret: String?, time: Date) -> RobotChannel.Post {
        var members: [(String, JSON)] = []
        if let secret {
            let timestamp = "\(Int(time.timeIntervalSince1970))"
            members = [
                ("timestamp", .string(timestamp)), ("sign", .string(sign(timestamp: timestamp, secret: secret))),
            ]
        }
        members += [
            ("msg_type", "interactive"),
            (
                "card",
                [
                    "config": ["wide_screen_mode": true],
                    "header": [
                        "template": .string(colour(message.level)),
                        "title": ["tag": "plain_text", "content": .string(RobotText.title(message))],
                    ],
                    "elements": [
                        [
                            "tag": "div",
                            "text": [
                                "tag": "lark_md",
                                "content": .string(RobotText.markdown(message, bytesMax: textBytesMax)),
                            ],
                        ]
                    ],
                ]
            ),
        ]
        return RobotChannel.Post(body: .object(.init(members)))
    }

    /// The key is the time in seconds, a line break and the secret; what is signed is empty.
    static func sign(timestamp: String, secret: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(), using: SymmetricKey(data: Data("\(timestamp)\n\(secret)".utf8)))
        return Data(code).base64EncodedString()
    }

    private static func colour(_ level: AlertLevel?) -> String {
        switch level {
        case .critical: "red"
        case .serious: "orange"
        case .warning: "yellow"
        case nil: "green"
        }
    }
}
