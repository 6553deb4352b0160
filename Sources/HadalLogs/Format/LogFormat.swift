import Foundation
import HadalJSON

/// How an event becomes a line.
public enum LogFormat: String, Sendable, Hashable {
    case text, json

    func line(
        level: String, label: String, _ message: String, _ metadata: [(name: String, value: String)],
        time: Date = Date()
    ) -> String {
        switch self {
        case .json:
            let members: [(String, JSON)] =
                [
                    ("time", .string(Self.text(time))), ("level", .string(level)), ("label", .string(label)),
                    ("message", .string(message)),
                ] + metadata.map { (Self.reserved.contains($0.name) ? "_" + $0.name : $0.name, .string($0.value)) }
            return JSON.object(JSON.Object(members)).text
        case .text:
            let members = metadata.map { " \($0.name)=\(Self.word($0.value))" }.joined()
            return "\(Self.text(time)) \(level) \(label):\(members) \(message)".replacing("\n", with: "\\n")
        }
    }

    private static let reserved: Set = ["time", "level", "label", "message"]

    private static func text(_ time: Date) -> String {
        time.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true)) + "Z"
    }

    private static func word(_ value: String) -> String {
        value.contains { $0 == " " || $0 == "\"" || $0 == "=" || $0.isNewline } || value.isEmpty
            ? JSON.string(value).text : value
    }
}
