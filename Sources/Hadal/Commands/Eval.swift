import ArgumentParser
import Foundation
import HadalClient
import HadalEval
import HadalJSON
import HadalTerminal

struct Eval: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a model through business cases, and compare runs.",
        subcommands: [EvalRunCommand.self, EvalShow.self])
}

struct EvalRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Put a model through a suite of scenarios.",
        discussion: """
            SUITE is business (20 scenarios that come with the program) or a file in YAML (docs/eval.md). With --baseline it
            exits with 1 where the model is worse than in that run and not by chance, with --least where fewer of the items
            pass.

            Examples:
              hadal eval run business --model guide
              hadal eval run business --url https://models.example.org --judge r1 --html report.html --junit report.xml
              hadal eval run mine.yaml --baseline last.json --json > now.json
              hadal eval run business --only tools --only extraction-en
            """)

    @Argument(help: "business, or a file.") var suite: String
    @Option(help: "The server, without /v1.") var url = "http://127.0.0.1:8000"
    @Option(help: "Default: the first that the server names.") var model: String?
    @Option(help: "Default: HADAL_KEY in the environment.") var key: String?
    @Option(help: "A model that judges what only a reader can; without one such questions stay open.") var judge:
        String?
    @Option(help: "A scenario or category; may be given more than once.") var only: [String] = []
    @Option(help: "Questions at the same time.") var parallel = 4
    @Option(help: "Of the sampler.") var seed: UInt64 = 1
    @Option(help: "An earlier run's JSON, to compare with.") var baseline: String?
    @Option(help: "The share of items that have to pass, 0 to 1.") var least: Double?
    @Flag(help: "Write JSON.") var json = false
    @Option(help: "Write a report to look at.") var html: String?
    @Option(help: "Write a report as JUnit does.") var junit: String?

    func validate() throws {
        guard let url = URL(string: url), ["http", "https"].contains(url.scheme), url.host() != nil else {
            throw ValidationError("--url is the address of a server, such as http://127.0.0.1:8000")
        }
        guard (1...1000).contains(parallel) else { throw ValidationError("--parallel is from 1 to 1000") }
        guard least.map({ (0...1).contains($0) }) ?? true else { throw ValidationError("--least is from 0 to 1") }
    }

    func run() async throws {
        let suite = try EvalSuite(named: suite).only(only)
        let before = try baseline.map(Self.result)
        let client = HadalClient(
            URL(string: url)!, key: key ?? ProcessInfo.processInfo.environment["HADAL_KEY"])
        let model = try await chosenModel(client)
        var options = EvalRun.Options()
        (options.parallel, options.seed, options.judge) = (parallel, seed, judge)
        let bar = ProgressBar("asking \(model)")
        let result = await EvalRun(client, model: model, options).run(suite) { done, total in
            bar.update(Double(done) / Double(total))
        }
        bar.finish()
        let comparison = before.map { Baseline($0, result) }
        print(json ? result.json.text : EvalReport.text(result, comparison))
        if let html { try EvalReport.html(result, comparison).write(report: html) }
        if let junit { try EvalReport.junit(result).write(report: junit) }
        if comparison?.isRegression == true || least.map({ result.score < $0 }) == true { throw ExitCode.failure }
    }

    private func chosenModel(_ client: HadalClient) async throws -> String {
        if let model { return model }
        guard let first = try await client.models().first else {
            throw CommandFailure("\(url) names no model; say which with --model")
        }
        return first
    }

    private static func result(_ path: String) throws -> EvalResult {
        guard let data = FileManager.default.contents(atPath: path) else { throw EvalError.unreadable(file: path) }
        let json: JSON
        do throws(JSONError) { json = try JSON(parsing: data) } catch {
            throw EvalError.badResult(file: path, problem: "\(error)")
        }
        return try EvalResult(json, file: path)
    }
}

struct EvalShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Write a built-in suite, to begin one of your own with.",
        discussion: """
            Example:
              hadal eval show business > mine.yaml
            """)

    @Argument(help: "Its name.") var suite = "business"

    func run() throws {
        guard let text = EvalSuite.builtIn[suite] else {
            throw ValidationError(
                "no suite '\(suite)'; there is \(EvalSuite.builtIn.keys.sorted().joined(separator: ", "))")
        }
        print(text)
    }
}
