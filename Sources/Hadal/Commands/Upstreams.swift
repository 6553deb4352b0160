import ArgumentParser
import Foundation
import HadalConfiguration
import HadalGateway
import HadalJSON
import HadalTerminal
import HadalUpstreams
import HadalWire

struct Upstreams: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try out other servers that serve models, and show how they are and what they were used for.",
        discussion: """
            An upstream is any server with OpenAI's protocol (vLLM, SGLang, llama-server, Ollama, DeepSeek, another Hadal) that
            serves a model in a worker's place: models[].upstream in the configuration, docs/upstreams.md.

            Examples:
              hadal upstreams probe http://gpu1:8000 --model deepseek-v3
              hadal upstreams list --config /etc/hadal/hadal.yaml
              hadal upstreams refresh deepseek-chat --url https://hadal.example.org
            """,
        subcommands: [Probe.self, List.self, Refresh.self])

    struct Probe: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Find out what a server can do.",
            discussion: """
                Sends about fifty small requests. What is not proven by one of them is not used: requests that need it are refused.

                Examples:
                  hadal upstreams probe http://127.0.0.1:8080 --model default
                  hadal upstreams probe https://api.deepseek.com --model deepseek-chat --key-env DEEPSEEK_API_KEY --json
                """)

        @Argument(help: "Its URL, with /v1 or without.") var url: String
        @Option(help: "What the model is called there.") var model: String
        @Option(help: "Which server it is. Default: it is found out.") var kind: UpstreamKind?
        @Option(help: ArgumentHelp("The file with the key that it wants.", valueName: "file")) var keyFile: String?
        @Option(help: ArgumentHelp("The environment variable with that key.", valueName: "name")) var keyEnv: String?
        @Flag(help: "Write JSON.") var json = false

        func validate() throws {
            guard keyFile == nil || keyEnv == nil else {
                throw ValidationError("give --key-file or --key-env, not both")
            }
        }

        func run() async throws {
            guard let base = URL(string: url), ["http", "https"].contains(base.scheme) else {
                throw CommandFailure("'\(url)' is no URL; write http://HOST:PORT or https://HOST")
            }
            var settings = UpstreamSettings(name: "upstream", base: base, model: model)
            settings.kind = kind
            settings.key = keyFile.map(UpstreamKeyPlace.file) ?? keyEnv.map(UpstreamKeyPlace.environment)
            let found = try await UpstreamProbe(settings, key: try settings.key?.read()).run()
            try await found.client.shutdown()
            let can = found.client.capabilities
            let cannot = UpstreamFeature.allCases.filter { !can.features.contains($0) }
            let features = can.features.map(\.rawValue).sorted()
            guard !json else {
                let report: JSON = [
                    "kind": .string(can.kind.rawValue), "version": .string(can.version),
                    "contextLength": .int(Int64(can.contextLength)), "features": .array(features.map(JSON.string)),
                    "missing": .array(cannot.map { .string($0.rawValue) }),
                    "promptTokens": .int(Int64(found.usage.promptTokens)),
                    "completionTokens": .int(Int64(found.usage.completionTokens)),
                ]
                return print(report.text)
            }
            print(
                """
                \(can.kind.rawValue)\(can.version.isEmpty ? "" : " \(can.version)"), context of \(can.contextLength) tokens
                can:    \(features.joined(separator: ", "))
                cannot: \(cannot.map(\.rawValue).sorted().joined(separator: ", "))
                It took \(found.usage.promptTokens) tokens of prompts and \(found.usage.completionTokens) of answers.
                """)
        }
    }
}

extension UpstreamKind: ExpressibleByArgument {}
