import Foundation

/// A message as the Markdown that robots understand.
enum RobotText {
    /// - Parameter bytesMax: of UTF-8; events past it are counted only.
    static func markdown(_ message: AlertMessage, bytesMax: Int) -> String {
        var paragraphs: [String] = []
        var left = bytesMax - 100
        for event in message.events {
            let paragraph = self.paragraph(event)
            left -= paragraph.utf8.count + 2
            guard left >= 0 else { break }
            paragraphs.append(paragraph)
        }
        let others = message.events.count - paragraphs.count + message.omitted
        if others > 0 { paragraphs.append("… and \(others) more") }
        return paragraphs.joined(separator: "\n\n")
    }

    private static func paragraph(_ event: AlertEvent) -> String {
        let labels = event.labels.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
        let details = ([event.rule, labels].filter { !$0.isEmpty } + ["since \(event.since.formatted(.iso8601))"])
            .joined(separator: " · ")
        return [
            "**\(plain(event.headline))**", plain(details),
            event.level == nil ? "" : plain(event.advice),
            event.actionLine,
        ].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    static func title(_ message: AlertMessage) -> String { String(plain(message.title).prefix(200)) }

    /// Names of models and tenants must not become links or mentions (`<at id=all>`, `<@all>`).
    private static func plain(_ text: String) -> String {
        text.replacing("<", with: "＜").replacing(">", with: "＞").replacing("[", with: "［").replacing("]", with: "］")
            .replacing("*", with: "∗")
    }
}
