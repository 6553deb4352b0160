import ArgumentParser
import Foundation
import HadalCheckpoint
import HadalEngine
import HadalJSON
import HadalTemplates

struct Template: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Render a chat prompt, without running a model.",
        discussion: """
            The JSON file holds messages, tools, add_generation_prompt and any other variable of the template.

            Examples:
              hadal template model.gguf --vars chat.json
              hadal template chat_template.jinja --vars chat.json
              SOURCE_DATE_EPOCH=0 hadal template model.gguf --vars chat.json   # the same on every day
            """)

    @Argument(help: "A model, or a Jinja file.") var source: String
    @Option(help: "A JSON file with the template's variables.") var vars: String
    @OptionGroup(title: "Encrypted models") var secrets: Secrets.Options

    func run() async throws {
        let variables = try JSON(parsing: Data(contentsOf: URL(fileURLWithPath: vars)))
        guard let object = variables.object else { throw CommandFailure("\(vars): expected a JSON object") }
        print(try await rendered(object), terminator: "")
    }

    /// Templates may ask for the date; `SOURCE_DATE_EPOCH` (https://reproducible-builds.org) fixes it, in UTC.
    private var clock: (now: Date, timeZone: TimeZone) {
        guard let text = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"], let seconds = TimeInterval(text)
        else {
            return (Date(), .current)
        }
        return (Date(timeIntervalSince1970: seconds), .gmt)
    }

    private func rendered(_ variables: JSON.Object) async throws -> String {
        if source.hasSuffix(".jinja") || source.hasSuffix(".j2") {
            let text = try String(contentsOfFile: source, encoding: .utf8)
            return try ChatTemplate(source: text).render(
                .object(variables), now: clock.now, timeZone: clock.timeZone)
        }
        var rest = variables
        rest["messages"] = nil
        rest["tools"] = nil
        rest["add_generation_prompt"] = nil
        return try await format().render(
            messages: variables["messages"]?.array ?? [], tools: variables["tools"]?.array,
            addGenerationPrompt: variables["add_generation_prompt"]?.bool ?? false, variables: rest,
            now: clock.now, timeZone: clock.timeZone)
    }

    private func format() async throws -> ChatFormat {
        let path = try ModelFiles.resolve(source)
        let opener = try await secrets.opener(for: path)
        var isDirectory: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        let format: ChatFormat?
        if isDirectory.boolValue {
            let directory = URL(fileURLWithPath: path)
            let config = try opener.openIfPresent(path + "/config.json").flatMap { try? JSON(parsing: $0.bytes) }
            format = try ModelFiles.chatFormat(
                in: directory, modelType: config?["model_type"]?.string ?? "", opener: opener)
        } else {
            let checkpoint = try Checkpoint.open(path, opener: opener)
            format = try ModelFiles.chatFormat(of: checkpoint, tokenizer: ModelFiles.tokenizer(of: checkpoint))
        }
        guard let format else { throw EngineError.noChatTemplate(model: source) }
        return format
    }
}
