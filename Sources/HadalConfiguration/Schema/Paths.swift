import Foundation
import HadalJSON

extension ValueType<String> {
    /// A file or directory; relative ones begin at the configuration's directory, in the environment and in options at the
    /// current one.
    static func path(_ name: String = "path", example: String) -> ValueType {
        .scalar(name, example: example) { text, directory throws(WrongValue) in
            guard !text.isEmpty, text.utf8.count < 4096 else {
                throw WrongValue(
                    problem: text.isEmpty ? "an empty path" : "\(quoted(text)) is longer than paths can be",
                    advice: "write one such as \(example)")
            }
            return PathText.absolute(text, in: directory)
        } json: {
            .string($0)
        }
    }

    /// MODEL: a name or repository; or, where it begins with `/`, `./`, `../` or `~/`, a path.
    static var model: ValueType {
        .scalar("model", example: "/models/DeepSeek-R1-Distill-Qwen-1.5B") { text, directory throws(WrongValue) in
            guard !text.isEmpty, text.utf8.count < 4096, !text.hasPrefix("-") else {
                throw WrongValue(
                    problem: "\(quoted(text)) is no model",
                    advice: "write a name, a directory (./models/r1) or a .gguf file")
            }
            let isPath = ["./", "../", "~/"].contains { text.hasPrefix($0) }
            return isPath ? PathText.absolute(text, in: directory) : text
        } json: {
            .string($0)
        }
    }
}

enum PathText {
    static func absolute(_ path: String, in directory: String) -> String {
        let expanded = path.hasPrefix("~/") ? NSString(string: path).expandingTildeInPath : path
        let base = URL(fileURLWithPath: directory, isDirectory: true)
        return URL(fileURLWithPath: expanded, relativeTo: base).standardizedFileURL.path
    }
}
