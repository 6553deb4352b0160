import ArgumentParser
import Foundation
import HadalClient
import HadalJSON
import HadalLoad
import HadalTerminal

struct BenchLoad: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Ask a server questions as many people would, and measure how it answers.",
        discussion: """
            Any server that speaks OpenAI's protocol. Clients (--clients) ask again when they have their answer; a rate
            (--rate) or a trace (--trace) asks whatever the server does, and counts a question's time from when it was to
            be asked. With --slo it exits with 1 where an objective is missed or more than --errors of the questions fail.
            Ctrl-C ends it and tells what was measured until then.

            Examples:
              hadal bench load --clients 16 --duration 60
              hadal bench load --url https://models.example.org --model r1 --rate 4 --duration 10m --html load.html
              hadal bench load --clients 50 --duration 5m --slo ttft.p99=2 --slo itl.p99=0.1
              hadal bench load --ramp 1..64 --duration 30 --html ramp.html
              hadal bench load --trace AzureLLMInferenceTrace_conv.csv --speed 2 --duration 10m --json > run.json
              hadal bench load --clients 8 --turns 5 --shared 400 --duration 2m
            """)

    @Option(help: "The server, without /v1.") var url = "http://127.0.0.1:8000"
    @Option(help: "Default: the first that the server names.") var model: String?
    @Option(help: "Default: HADAL_KEY in the environment.") var key: String?

    @Option(help: "Clients, each asking again when it has its answer.") var clients: Int?
    @Option(help: "Questions a second.") var rate: Double?
    @Option(help: "With --rate: 1 as people come (Poisson), less: in bursts, more: evenly.") var burstiness = 1.0
    @Option(help: "Questions as they were recorded: a file in Azure's or Mooncake's form.") var trace: String?
    @Option(help: "How many times as fast as recorded.") var speed = 1.0
    @Option(help: "FROM..TO clients (with --rate: questions a second), doubled with each step, to find the knee.")
    var ramp: String?

    @Option(help: "How long to ask: 90, 90s, 10m, 2h. Default: 30 s, or to the trace's end.") var duration: String?
    @Option(help: "Questions to ask at most.") var questions: Int?
    @Option(help: "Seconds at the beginning that do not count.") var warmUp = 0.0
    @Option(help: "Tokens of a prompt, about.") var prompt = 256
    @Option(help: "Tokens of an answer at most.") var answer = 64
    @Option(help: "How much lengths vary: 0.5: half of them between 0.7 and 1.4 times as long.") var spread = 0.0
    @Option(help: "Tokens that all prompts begin with.") var shared = 0
    @Option(help: "Questions of a conversation.") var turns = 1
    @Option(help: "Seconds between an answer and the next question of its conversation.") var think = 0.0
    @Option(help: "Of a trace: longer prompts and answers are cut to so many tokens.") var limit: Int?
    @Flag(help: "Have answers go on to their length (ignore_eos).") var ignoreEnd = false
    @Option(help: "The same seed asks the same questions.") var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "MEASURE.pPERCENTILE=SECONDS of ttft, itl, tpot or e2e; may be given more than once.",
            valueName: "objective"))
    var slo: [String] = []
    @Option(help: "With --slo: the share of questions that may fail.") var errors = 0.001
    @Flag(help: "Write JSON.") var json = false
    @Option(help: "Write a report with plots.") var html: String?

    private var isOpen: Bool { rate != nil }

    func validate() throws {
        guard let url = URL(string: url), ["http", "https"].contains(url.scheme), url.host() != nil else {
            throw ValidationError("--url is the address of a server, such as http://127.0.0.1:8000")
        }
        guard [clients != nil, rate != nil, trace != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("give one of --clients, --rate and --trace")
        }
        if trace != nil, ramp != nil { throw ValidationError("--ramp goes with --clients or --rate, not with --trace") }
        guard clients.map({ (1...10_000).contains($0) }) ?? true else {
            throw ValidationError("--clients is from 1 to 10000")
        }
        guard rate.map({ $0 > 0 && $0 <= 100_000 }) ?? true, burstiness > 0, speed > 0 else {
            throw ValidationError("--rate, --burstiness and --speed are more than 0")
        }
        guard [prompt, answer, turns].allSatisfy({ (1...1_000_000).contains($0) }), shared >= 0, think >= 0,
            warmUp >= 0,
            (0...2).contains(spread), questions ?? 1 > 0, limit ?? 1 > 0
        else {
            throw ValidationError(
                "--prompt, --answer, --turns, --questions and --limit are at least 1; --spread is from 0 to 2")
        }
        _ = try (seconds(), loads(), objectives())
    }

    func run() async throws {
        let key = key ?? ProcessInfo.processInfo.environment["HADAL_KEY"]
        let (options, loads) = (try options(), try loads())
        try await withLoadClient(URL(string: url)!, key: key) { try await run($0, options, loads) }
    }

    private func run(_ client: HadalClient, _ options: LoadTest.Options, _ loads: [Double]?) async throws {
        let model = try await chosenModel(client)
        let line = LoadStatus(isShown: !json)
        let steps = try await withInterruptHandling {
            guard let loads else {
                let result = try await LoadTest(client, model: model, options).run(progress: line.show)
                return [Ramp.Step(load: 0, result)]
            }
            return try await Ramp.run(
                client, model: model, options, loads: loads, arrival: arrival, begins: { line.begin("\(unit($0))") },
                progress: line.show)
        }
        line.clear()
        try tell(steps, isRamp: loads != nil)
    }

    private func arrival(_ load: Double) -> Arrival {
        isOpen ? .open(rate: load, burstiness: burstiness) : .closed(clients: max(1, Int(load.rounded())))
    }

    private func unit(_ load: Double) -> String { "\(Int(load.rounded())) \(isOpen ? "a second" : "clients")" }

    private func chosenModel(_ client: HadalClient) async throws -> String {
        if let model { return model }
        guard let first = try await client.models().first else {
            throw CommandFailure("\(url) names no model; say which with --model")
        }
        return first
    }

    private func tell(_ steps: [Ramp.Step], isRamp: Bool) throws {
        guard let last = steps.last?.result else { throw CommandFailure("it was ended before anything was measured") }
        if json {
            print(
                isRamp
                    ? JSON.array(steps.map { ["load": .double($0.load), "result": $0.result.json] }).text
                    : last.json.text)
        } else if isRamp {
            print(Ramp.text(steps, of: isOpen ? "a second" : "clients"))
        } else {
            print(last.text)
        }
        if let html {
            let page = isRamp ? LoadReport.html(steps, of: isOpen ? "a second" : "clients") : LoadReport.html(last)
            try page.write(report: html)
        }
        if last.answered == 0 { throw ExitCode.failure }
        if !isRamp, !slo.isEmpty, !last.verdicts.allSatisfy(\.isMet) || last.errorRate > errors {
            throw ExitCode.failure
        }
    }

    // MARK: what was asked for

    private func options() throws -> LoadTest.Options {
        var workload = Workload()
        workload.prompt = .init(prompt, spread: spread)
        workload.answer = .init(answer, spread: spread)
        (workload.sharedTokens, workload.turns, workload.thinkSeconds) = (shared, turns, think)
        (workload.ignoresEnd, workload.seed) = (ignoreEnd, seed)
        workload.tokensMax = limit ?? .max
        var options = LoadTest.Options(
            trace != nil ? .trace : arrival(rate ?? Double(clients ?? 8)), workload)
        options.trace = try trace.map { try LoadTrace(file: $0) }
        options.traceSpeed = speed
        options.seconds = try seconds()
        options.questionsMax = questions
        options.warmUpSeconds = warmUp
        options.objectives = try objectives()
        return options
    }

    private func seconds() throws -> Double? {
        guard let duration else { return questions == nil && trace == nil ? 30 : nil }
        guard let match = duration.wholeMatch(of: /(\d+(?:\.\d+)?)([smh]?)/), let number = Double(match.1), number > 0
        else {
            throw ValidationError("--duration is a time such as 90, 90s, 10m or 2h")
        }
        return number * (["m": 60, "h": 3600][String(match.2)] ?? 1)
    }

    private func loads() throws -> [Double]? {
        guard let ramp else { return nil }
        guard let match = ramp.wholeMatch(of: /(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?)/), let from = Double(match.1),
            let to = Double(match.2), from > 0, from <= to, to <= 10_000
        else { throw ValidationError("--ramp is FROM..TO, such as 1..64") }
        return Ramp.loads(from: from, to: to)
    }

    private func objectives() throws -> [Objective] {
        do { return try slo.map { try Objective(parsing: $0) } } catch { throw ValidationError("\(error)") }
    }
}
