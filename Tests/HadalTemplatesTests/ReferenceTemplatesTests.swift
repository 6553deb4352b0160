import Foundation
import HadalJSON
import HadalTemplates
import TestSupport
import Testing

/// Published templates against texts rendered by Python's Jinja2 3.1.6, from `../shared/data/chat-templates`.
@Suite struct ReferenceTemplatesTests {
    static let isHere = SharedData.file("chat-templates/jinja2-rendered.jsonl") != nil

    /// The references show this moment.
    static let moment = Date(timeIntervalSince1970: 1_748_779_200)
    static let zone = TimeZone(secondsFromGMT: 0)!

    static func lines(_ name: String) throws -> [JSON] {
        let url = try #require(SharedData.file("chat-templates/" + name))
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { try JSON(parsing: String($0)) }
    }

    static func source(of template: String) throws -> String {
        if let url = SharedData.file("chat-templates/jinja/\(template).jinja") {
            return try String(contentsOf: url, encoding: .utf8)
        }
        let configurations = [
            "deepseek-ai-DeepSeek-V2 (tokenizer_config.json)": "deepseek-v2",
            "deepseek-ai-DeepSeek-V3 (tokenizer_config.json)": "deepseek-r1",
        ]
        let folder = try #require(configurations[template])
        let url = try #require(SharedData.file("tokenizers/\(folder)/tokenizer_config.json"))
        return try #require(try JSON(parsing: try Data(contentsOf: url))["chat_template"]?.string)
    }

    @Test(.enabled(if: isHere, "needs ../shared/data"))
    func everyRenderedCaseIsEqualByteForByte() throws {
        var count = 0
        for line in try Self.lines("jinja2-rendered.jsonl") {
            let name = try #require(line["template"]?.string)
            let title = "\(name) \(line["case"]?.string ?? "")"
            let template = try ChatTemplate(source: try Self.source(of: name))
            let variables = try #require(line["vars"])
            if let expected = line["expected"]?.string {
                let text = try template.render(variables, now: Self.moment, timeZone: Self.zone)
                #expect(text.utf8.elementsEqual(expected.utf8), "\(title)")
            } else {
                let error = #expect(throws: TemplateError.self, "\(title)") {
                    try template.render(variables, now: Self.moment, timeZone: Self.zone)
                }
                guard case .refused(_, let message) = error else {
                    Issue.record("\(title): \(String(describing: error))")
                    continue
                }
                #expect(line["error"]?.string == "TemplateError: \(message)")
            }
            count += 1
        }
        #expect(count == 204)
    }

    @Test(.enabled(if: isHere, "needs ../shared/data"))
    func casesOfLlamaCppWithWhichJinjaAgreesAreEqual() throws {
        for line in try Self.lines("llama.cpp-expected.jsonl") where line["jinja2_agrees"]?.bool == true {
            let template = try ChatTemplate(source: try #require(line["template"]?.string))
            var variables = JSON.Object()
            for name in ["messages", "add_generation_prompt", "bos_token", "eos_token"] { variables[name] = line[name] }
            let text = try template.render(.object(variables))
            #expect(text == line["expected"]?.string, "\(line["name"]?.string ?? "")")
        }
    }

    @Test(.enabled(if: isHere, "needs ../shared/data"), arguments: ["simple", "system", "tool_use"])
    func contextsOfMinjaRenderOrAreRefused(_ name: String) throws {
        let url = try #require(SharedData.file("chat-templates/minja-contexts/\(name).json"))
        let variables = try JSON(parsing: try Data(contentsOf: url))
        for template in Set(try Self.lines("jinja2-rendered.jsonl").compactMap { $0["template"]?.string }).sorted() {
            do {
                let text = try ChatTemplate(source: try Self.source(of: template)).render(variables)
                #expect(text.contains("framework") || text.contains("hello world"), "\(template)")
            } catch let error as TemplateError {
                // Some want tools or refuse system messages; none may use what we lack.
                #expect(!error.description.contains("supported in chat templates"), "\(template): \(error)")
                #expect(!error.description.contains("no filter"), "\(template): \(error)")
            }
        }
    }
}
