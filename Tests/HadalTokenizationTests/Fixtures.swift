import Foundation
import HadalJSON
import HadalTokenization
import TestSupport

/// Small tokenizers and what the Hugging Face library does with them; made by `Fixtures/make.py`.
enum Fixtures {
    static let names = ["deepseek-v3", "qwen2", "gpt-2", "llama-prepend", "llama-metaspace", "bert"]

    static func path(_ name: String) -> String {
        SharedData.repository.appendingPathComponent("Tests/HadalTokenizationTests/Fixtures/\(name).json").path
    }

    static func tokenizer(_ name: String) throws -> any Tokenizer { try TokenizerLoader.load(path: path(name)) }

    static func json(_ name: String) throws -> JSON {
        try JSON(parsing: Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    struct Case: Sendable {
        var text: String
        var ids: [Int32]
        /// With the tokens around a whole text, where that was recorded.
        var whole: [Int32]?
        var decoded: String
    }

    static func cases(of name: String) throws -> [Case] {
        let path = path("cases") + "l"
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap { line in
            let json = try JSON(parsing: String(line))
            guard json["tokenizer"]?.string == name else { return nil }
            return Case(
                text: json["text"]!.string!, ids: ids(json["ids"]!),
                whole: json["whole"]!.array.map { _ in ids(json["whole"]!) },
                decoded: json["decoded"]!.string!)
        }
    }

    static func ids(_ json: JSON) -> [Int32] { json.array!.map { Int32($0.int!) } }

    /// A file in a directory of its own, which the caller removes.
    static func temporaryDirectory(_ files: [String: String]) throws -> URL {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("hadal-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for (name, text) in files {
            try Data(text.utf8).write(to: directory.appendingPathComponent(name))
        }
        return directory
    }
}

/// Equal scalar by scalar: Swift's `==` takes canonically equivalent text for equal.
func sameBytes(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
