import ArgumentParser
import Foundation
import HadalJSON
import HadalLoad

struct BenchCompare: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare two load tests.",
        discussion: """
            Of what hadal bench load --json wrote.

            Example:
              hadal bench compare before.json after.json --html compared.html
            """)

    @Argument(help: "The result before.") var before: String
    @Argument(help: "The result after.") var after: String
    @Flag(help: "Write JSON.") var json = false
    @Option(help: "Write a report with plots.") var html: String?

    func run() throws {
        let (one, other) = (try result(before), try result(after))
        let comparison = Comparison(one, other)
        print(json ? comparison.json.text : comparison.text)
        guard let html else { return }
        func name(_ path: String) -> String { URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent }
        try LoadReport.html(one, other, names: (name(before), name(after))).write(report: html)
    }

    private func result(_ path: String) throws -> LoadResult {
        guard let data = FileManager.default.contents(atPath: path) else { throw LoadError.unreadable(file: path) }
        let json: JSON
        do throws(JSONError) { json = try JSON(parsing: data) } catch {
            throw LoadError.badResult(file: path, problem: "\(error)")
        }
        return try LoadResult(json, file: path)
    }
}

extension String {
    /// A page for people.
    func write(report path: String) throws {
        do { try Data(utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw CommandFailure("cannot write \(path): \(error.localizedDescription)")
        }
        Notes.write("the report is \(path)")
    }
}
