import Foundation
import HadalJSON

/// A model of a catalogue's file. What is not given is as Hadal knows it, where it knows the repository.
public struct CatalogueEntry: SettingsSection {
    public enum Format: String, Sendable, CaseIterable { case bf16, fp8, fp4 }

    public var repository = ""
    public var name: String?
    /// Thousand millions.
    public var parameters: Double?
    public var format: Format?
    public var context: Int?
    public var license: String?
    public var temperature: Double?
    public var topP: Double?
    /// The path of a `config.json`.
    public var config: String?
    /// SHA-256 by file.
    public var files: [String: String] = [:]

    public init() {}

    static let entries: [Entry<CatalogueEntry>] = [
        .setting(
            "repository", \.repository,
            .word("OWNER/NAME", example: "deepseek-ai/DeepSeek-R1") { $0.isASCII && !$0.isWhitespace }, .restart,
            shownDefault: "must be given", "Where it is at Hugging Face and ModelScope."),
        .setting(
            "name", \.name,
            .given(.word("name", example: "r1") { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }),
            .restart, "What it is called here; needed for a repository that Hadal does not know."),
        .setting(
            "parameters", \.parameters, .given(.number(0.001...1_000_000, example: "671")), .restart,
            "In thousand millions; needed for a repository that Hadal does not know."),
        .setting("format", \.format, .given(.choice), .restart, "What its weights are published in."),
        .setting(
            "context", \.context, .given(.count(1...(1 << 26), example: "131072")), .restart,
            "Tokens that it was trained for."),
        .setting("license", \.license, .given(.text("licence", example: "mit")), .restart, "Its licence."),
        .setting(
            "temperature", \.temperature, .given(.number(0...2, example: "0.6")), .restart,
            "What its authors recommend."),
        .setting("top_p", \.topP, .given(.number(0...1, example: "0.95")), .restart, "What its authors recommend."),
        .setting(
            "config", \.config, .given(.path(example: "config/r1.json")), .restart,
            "Its config.json, for hadal plan and its size."),
        .setting(
            "files", \.files, .map(to: .sha256, name: "files and their SHA-256", example: "{config.json: 0f3c…}"),
            .restart,
            "The SHA-256 that files must have; hadal pull takes no others."),
    ]

    func check(_ findings: inout Findings) {
        let parts = repository.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count != 2 || parts.contains(where: \.isEmpty) {
            findings.add("repository", "no repository is given", "write OWNER/NAME")
        }
        for path in files.keys.sorted()
        where path.hasPrefix("/")
            || path.split(separator: "/", omittingEmptySubsequences: false).contains(where: {
                ["", ".", ".."].contains($0)
            })
        {
            findings.add(
                "files", "\(quoted(path)) is no file of a repository", "write its path there, such as config.json")
        }
    }
}

extension ValueType<String> {
    fileprivate static var sha256: ValueType {
        .scalar("SHA-256 in hex", example: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855") {
            text, _ throws(WrongValue) in
            guard text.wholeMatch(of: /[0-9a-f]{64}/) != nil else {
                throw WrongValue(
                    problem: "\(quoted(text)) is no SHA-256", advice: "write 64 hexadecimal digits, as sha256sum does")
            }
            return text
        } json: {
            .string($0)
        }
    }
}
