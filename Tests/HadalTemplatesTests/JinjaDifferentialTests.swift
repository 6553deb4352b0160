import Foundation
import HadalJSON
import HadalTemplates
import TestSupport
import Testing

/// Small templates against what Python's Jinja2 made of them (`Scripts/make-jinja-cases.py`).
@Suite struct JinjaDifferentialTests {
    @Test func everyCaseIsAsInPython() throws {
        let url = SharedData.repository.appendingPathComponent("Tests/HadalTemplatesTests/Fixtures/jinja-cases.jsonl")
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        let variables = try #require(try JSON(parsing: String(lines[0]))["vars"])
        #expect(lines.count > 600)
        for line in lines.dropFirst() {
            let line = try JSON(parsing: String(line))
            let source = try #require(line["template"]?.string)
            let result: Result<String, TemplateError>
            do throws(TemplateError) {
                let moment = Date(timeIntervalSince1970: 1_748_779_200)
                result = .success(
                    try ChatTemplate(source: source).render(
                        variables, now: moment, timeZone: ReferenceTemplatesTests.zone))
            } catch {
                result = .failure(error)
            }
            switch (result, line["expected"]?.string) {
            case (.success(let text), let expected?):
                #expect(text.unicodeScalars.elementsEqual(expected.unicodeScalars), "\(source)\n\(text)\n\(expected)")
            case (.success(let text), nil):
                Issue.record("\(source) gave \(text), Python fails: \(line["error"]?.string ?? "")")
            case (.failure(let error), let expected?): Issue.record("\(source): \(error); Python gives \(expected)")
            case (.failure(let error), nil):
                let isSyntax = if case .syntax = error { true } else { false }
                #expect(isSyntax == (line["error"]?.string?.hasSuffix("SyntaxError") ?? false), "\(source): \(error)")
            }
        }
    }
}
