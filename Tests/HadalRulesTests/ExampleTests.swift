import Foundation
import HadalRules
import TestSupport
import Testing

@Suite struct ExampleTests {
    @Test func theExamplePassesItsOwnCases() throws {
        let set = try RuleSet.load(SharedData.repository.appending(path: "Deploy/rules.example.yaml").path)
        #expect(set.tests.count > 10)
        #expect(failures(of: set) == [])
        // Each rule is seen hitting.
        let hit = Set(set.tests.flatMap { set.evaluate($0.input).hits.map(\.rule) })
        #expect(set.rules.map(\.id).filter { !hit.contains($0) } == [])
        #expect(set.notes == [])
    }

    @Test func theExamplesOfTheDocumentationPassTheirOwnCases() throws {
        let file = SharedData.repository.appending(path: "docs/rules.md")
        let blocks = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "```yaml\n").dropFirst()
            .compactMap { $0.components(separatedBy: "\n```").first }.filter { $0.hasPrefix("version:") }
        #expect(blocks.count == 2)
        for block in blocks {
            let directory = try TemporaryDirectory()
            try directory.write("Ada Lovelace\n".utf8, "sanctions.txt")
            let set = try RuleSet.load(directory.write(block.utf8, "rules.yaml"))
            #expect(set.tests.count >= 4)
            #expect(failures(of: set) == [])
        }
    }

    private func failures(of set: RuleSet) -> [String] {
        set.tests.flatMap { test in test.failures(of: set.evaluate(test.input)).map { "\(test.name): \($0)" } }
    }
}
