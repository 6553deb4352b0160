import HadalJSON

/// Markdown for a robot of WeCom: https://developer.work.weixin.qq.com/document/path/91770
enum WeComPost {
    private static let contentBytesMax = 4096

    static func post(_ message: AlertMessage) -> RobotChannel.Post {
        let title = "### \(RobotText.title(message))\n"
        let text = title + RobotText.markdown(message, bytesMax: contentBytesMax - title.utf8.count)
        return RobotChannel.Post(body: ["msgtype": "markdown", "markdown": ["content": .string(text)]])
    }
}
