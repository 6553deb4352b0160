import ArgumentParser
import Foundation
import HadalConfiguration
import HadalGateway
import HadalJSON
import HadalTerminal
import HadalUpstreams

extension Upstreams {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the upstreams: how they are, and what they were used for.",
            discussion: """
                The server at --url is asked, or the one at the configuration's address; its key in HADAL_API_KEY. Where the
                latter is not running, what it wrote last is shown. Days and months are those of UTC.

                Examples:
                  hadal upstreams list
                  hadal upstreams list --url https://hadal.example.org
                  hadal upstreams list --config /etc/hadal/hadal.yaml --json
                """)

        @Option(help: ArgumentHelp("A running server's address. Default: the configuration's.", valueName: "url"))
        var url: String?
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        func run() async throws {
            let upstreams = try await known()
            if json { return print(JSON.array(upstreams).text) }
            let header = [
                "NAME", "URL", "MODEL", "STATE", "REQUESTS TODAY", "TOKENS TODAY", "TOKENS THIS MONTH",
                "COST THIS MONTH", "ERRORS", "PROBLEM",
            ]
            print(Table(header: header, rows: upstreams.map(Self.row), numbers: Swift.Set(4..<9)).text)
        }

        /// As `GET /admin/v1/upstreams` has them.
        private func known() async throws -> [JSON] {
            if let url { return try await ask(url) }
            let settings = try data.settings()
            let address = try ListenAddress(parsing: settings.listen)
            let host = ["0.0.0.0", "::"].contains(address.host) ? "127.0.0.1" : address.host
            let scheme = settings.tls.mode == .off ? "http" : "https"
            do {
                return try await ask("\(scheme)://\(ListenAddress(host: host, port: address.port))")
            } catch let error as CommandFailure {
                FileHandle.standardError.write(
                    Data("note: \(error.description); this is what the server wrote last\n".utf8))
            }
            return settings.models.flatMap(UpstreamSettings.all).map { upstream in
                let budget = UpstreamLedger(data: settings.dataURL, upstream: upstream.name).load()
                return .object(JSON.Object(upstream.status(budget ?? UpstreamBudget(), at: Date())))
            }
        }

        private func ask(_ url: String) async throws -> [JSON] {
            try await AdministrationServer.answer(of: url, ["upstreams"], timeout: .seconds(10))["data"]?.array ?? []
        }

        private static func row(_ upstream: JSON) -> [String] {
            func text(_ json: JSON?) -> String { json?.string.map(ControlFilter.cleanLine) ?? "-" }
            func number(_ json: JSON?) -> String { json?.int.map { "\($0)" } ?? "-" }
            func tokens(_ period: JSON?) -> String {
                guard let prompt = period?["promptTokens"]?.int, let answer = period?["completionTokens"]?.int else {
                    return "-"
                }
                return "\(prompt + answer)" + (period?["tokensLimit"]?.int.map { " of \($0)" } ?? "")
            }
            let (day, month) = (upstream["day"], upstream["month"])
            let cost = text(month?["money"]) + (month?["moneyLimit"]?.string.map { " of \($0)" } ?? "")
            return [
                text(upstream["name"]), text(upstream["url"]), text(upstream["model"]), state(of: upstream),
                number(day?["requests"]), tokens(day), tokens(month), cost, number(upstream["errors"]?["count"]),
                text(upstream["problem"] ?? upstream["breaker"]?["reason"]),
            ]
        }

        private static func state(of upstream: JSON) -> String {
            guard let isReachable = upstream["reachable"]?.bool else { return "-" }
            if !isReachable { return "away" }
            if upstream["found"]?["isProbed"] == true { return "probing" }
            if upstream["breaker"]?["state"] != "closed" { return "left alone" }
            let left = [upstream["day"], upstream["month"]].flatMap { [$0?["tokensLeft"], $0?["moneyLeft"]] }
            return left.contains { $0 == 0 || $0 == "0" } ? "spent" : "ready"
        }
    }
}
