import ArgumentParser
import Foundation
import HadalBench
import HadalCheckpoint
import HadalEngine
import HadalJSON
import HadalReport
import HadalWire
import HadalWorker

struct Profile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show where a worker's time and memory go while it serves.",
        discussion: """
            A running server is asked at its address, with the key in HADAL_API_KEY. Its worker serves as ever meanwhile, the same
            answers in the same order. For each operation of its steps: how often, how long, what was read and computed, and how
            near that is to what the machine can do at most (docs/profile.md). With --model a model is computed with in this
            process instead, without a server.

            Examples:
              hadal profile
              hadal profile deepseek-r1 --for 30s --svg profile.svg
              hadal profile deepseek-r1#2 --url https://hadal.example.org --json
              hadal profile --model model.gguf --prompt-tokens 512 --tokens 64 --batch 8
            """)

    @Argument(help: "The worker, as 'hadal workers list' names it. Default: the only one.") var worker: String?
    @Option(name: .customLong("for"), help: "How long: 30s, 2m; at most 5m. Default: 10s.") var time: Span?
    @Option(help: ArgumentHelp("Write a flame graph.", valueName: "file")) var svg: String?
    @Flag(help: "Write JSON.") var json = false
    @Flag(
        inversion: .prefixedNo,
        help: "Measure the machine's limits first, once for a worker: two seconds in which it is slower.")
    var roofline = true
    @OptionGroup var server: AdministrationServer
    @OptionGroup(title: "Without a server") var offline: Offline
    @OptionGroup(title: "Encrypted models") var secrets: Secrets.Options

    struct Offline: ParsableArguments {
        @Option(help: "A model to compute with here.") var model: String?
        @Option(help: "Tokens of each prompt.") var promptTokens = 512
        @Option(help: "Tokens of each answer.") var tokens = 64
        @Option(help: "Answers that are computed together.") var batch = 1
    }

    private var seconds: Int { time.map { Int($0.seconds) } ?? 10 }

    func validate() throws {
        guard ProfileRequest.secondsRange.contains(seconds) else {
            throw ValidationError("--for is a time from 1s to 5m")
        }
        guard worker == nil || offline.model == nil else {
            throw ValidationError("name a WORKER of a running server or a --model, not both")
        }
        guard offline.promptTokens > 0, offline.tokens > 0, (1...512).contains(offline.batch) else {
            throw ValidationError("--prompt-tokens and --tokens are positive numbers, --batch is one from 1 to 512")
        }
    }

    func run() async throws {
        let (name, profile) = try await look()
        let report = ProfileReport(name: name, profile)
        if let svg {
            do { try Data(report.svg.utf8).write(to: URL(fileURLWithPath: svg), options: .atomic) } catch {
                throw CommandFailure("cannot write \(svg): \(error.localizedDescription)")
            }
        }
        print(json ? profile.json.text : report.text)
    }

    private func look() async throws -> (name: String, WorkerProfile) {
        if let reference = offline.model {
            let path = try ModelFiles.resolve(reference)
            let checkpoint = try Checkpoint.open(path, opener: try await secrets.opener(for: path))
            let model = try loadModel(checkpoint, named: ModelFiles.name(of: path), maximumRows: 512)
            let profile = try EngineBenchmark.profile(
                model, prefill: offline.promptTokens, decode: offline.tokens, batch: offline.batch, probes: roofline)
            return (ModelFiles.name(of: path), WorkerProfile(profile))
        }
        let name = if let worker { worker } else { try await onlyWorker() }
        let answer = try await AdministrationServer.answer(
            of: server.url, ["workers", name, "profile"],
            query: "?seconds=\(seconds)\(roofline ? "" : "&roofline=false")", .object(JSON.Object()),
            // The limits are measured before.
            timeout: .seconds(seconds + 60))
        do { return (name, try WorkerProfile(answer)) } catch {
            throw CommandFailure("the server's answer is not understood (\(error)); is it of the same version?")
        }
    }

    private func onlyWorker() async throws -> String {
        let workers = try await server.answer(["workers"])["data"]?.array ?? []
        let names = workers.compactMap { $0["name"]?.string }
        guard let name = names.first else { throw CommandFailure("the server at \(server.url) has no workers") }
        guard names.count == 1 else {
            throw CommandFailure("the server has several workers; name one of \(names.joined(separator: ", "))")
        }
        return name
    }
}
