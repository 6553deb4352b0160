import ArgumentParser
import HadalAudit
import HadalCheckpoint
import HadalConfiguration
import HadalEngine
import HadalGateway
import HadalJSON
import HadalTerminal
import HadalWorker

extension Audit {
    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask a recorded question again, and tell whether the answer is the same.",
            discussion: """
                Loads the model in this process; no server is needed. Exits with 1 where the answer or the model is
                another, and where the record does not hold what is needed. It reads texts, which is recorded.
                Engine options are those that the server was started with; the configuration's without.

                Examples:
                  hadal audit replay 4711
                  hadal audit replay chatcmpl-9f2c --model /models/old/r1.gguf --json
                """)

        @Argument(help: ArgumentHelp("The record's number or the request's id.", valueName: "record")) var name: String
        @Option(help: "The model that is asked. Default: the configured one of the recorded name, or guide.")
        var model: String?
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup(title: "Data, keys and encrypted models") var secrets: Secrets.Options
        @OptionGroup(title: "Engine") var engine: EngineSettings

        func run() async throws {
            let (secrets, overrides) = (secrets, engine.overrides)
            let settings = try usable { () throws(ConfigurationError) in try secrets.data.load(overrides).settings }
            let trail = try await TrailAccess(settings)
            let record = try trail.record(name)
            let replay = try await trail.reading("audit.replay", [record]) { contents in
                try HadalGateway.Replay(record, contents: contents)
            }
            let choice = try ReplayModel(model, of: record, settings)
            let checkpoint = try Checkpoint.open(
                ModelFiles.resolve(choice.reference), opener: try await secrets.opener(for: choice.reference))
            let digest = try ModelDigest(of: checkpoint)
            let sums = try withProgress("reading \(choice.reference)") { try digest.compute(progress: $0) }
            let isKnown = try replay.checkModel(digest: sums.digest)
            let host = try withProgress("loading \(choice.reference)") {
                try ModelHost.load(checkpoint, options: try choice.loadOptions(checkpoint.opener), progress: $0)
            }
            let backend = EngineBackend(host)
            let result = try await replay.run { try await backend.generate($0) }
            await backend.shutdown()
            try tell(result, record, isKnown: isKnown)
            if !result.isIdentical { throw ExitCode.failure }
        }

        private func tell(_ result: ReplayResult, _ record: AuditRecord, isKnown: Bool) throws {
            if json {
                var object = JSON.Object([
                    ("record", .int(Int64(clamping: record.sequence))), ("same_model", isKnown ? true : .null),
                ])
                for (name, value) in result.json.object?.members ?? [] { object[name] = value }
                return print(JSON.object(object).text)
            }
            if !isKnown {
                try Terminal.standardError.write(
                    "note: the record has no digest of its model; it may have been another\n")
            }
            print(
                result.description.split(separator: "\n").map { ControlFilter.cleanLine(String($0)) }
                    .joined(separator: "\n"))
        }
    }
}
