import ArgumentParser
import Foundation
import HadalJSON

extension Upstreams {
    struct Refresh: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have a running server find out anew what an upstream can do.",
            discussion: """
                About fifty small requests, after which what was found counts for all that is asked. Requests go on meanwhile.

                Example:
                  hadal upstreams refresh deepseek-chat --url http://127.0.0.1:8000
                """)

        @Argument(help: "The model's name.") var model: String
        @OptionGroup var output: ActOutput
        @OptionGroup var server: AdministrationServer

        func run() async throws {
            let status = try await server.answer(["upstreams", model, "probe"], .object(JSON.Object()))
            let missing = status["found"]?["missing"]?.array?.compactMap(\.string) ?? []
            output.tell(
                status, "\(model) can all but: \(missing.isEmpty ? "nothing" : missing.joined(separator: ", "))")
        }
    }
}
