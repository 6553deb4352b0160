import ArgumentParser
import Foundation
import HadalClient
import HadalJSON
import HadalTerminal

/// A running server, and what is asked of it about releases.
struct ReleaseServer: ParsableArguments {
    @OptionGroup var server: Workers.Server

    /// - Parameters:
    ///   - parts: of the path below `/admin/v1`, names among them.
    ///   - code: of the second factor.
    func answer(_ parts: [String], query: String = "", _ body: JSON? = nil, code: String? = nil) async throws -> JSON {
        let path = try parts.map { part in
            guard let text = part.addingPercentEncoding(withAllowedCharacters: .alphanumerics) else {
                throw CommandFailure("'\(part)' is no name")
            }
            return text
        }
        return try await server.answer(at: "/admin/v1/" + path.joined(separator: "/") + query, body, code: code)
    }

    /// All elements of a list, page by page.
    /// - Parameter next: what the list goes on after, of its last element.
    func all(_ parts: [String], query: [String] = [], next: (JSON) -> String?) async throws -> [JSON] {
        var found: [JSON] = []
        while true {
            let after = found.last.flatMap(next).map { ["after=\($0)"] } ?? []
            let text = (query + after).joined(separator: "&")
            let page = try await answer(parts, query: text.isEmpty ? "" : "?" + text)
            found += page["data"]?.array ?? []
            guard page["hasMore"]?.bool == true, !(page["data"]?.array ?? []).isEmpty else { return found }
        }
    }
}

/// Why something is done, for those who look at it later.
struct ReasonOption: ParsableArguments {
    @Option(help: ArgumentHelp("Why, for the record.", valueName: "text")) var why = ""
}

extension JSON {
    /// A member as text without controls; `-` where there is none.
    func shown(_ name: String) -> String {
        guard let value = self[name], !value.isNull else { return "-" }
        return ControlFilter.cleanLine(value.string ?? value.text)
    }

    /// `1: 95 %, 2: 5 %; mirror 3: 10 %` of a deployment's traffic.
    var trafficText: String {
        let shares = (self["shares"]?.object?.members ?? []).map { "\($0.key): \($0.value.text) %" }
        let mirror = self["mirror"].map { ["mirror \($0.shown("version")): \($0.shown("share")) %"] } ?? []
        let text = (shares + mirror).joined(separator: ", ")
        return text.isEmpty ? "-" : text
    }

    /// `canary 1 → 2` of a rollout.
    var rolloutText: String { "\(shown("kind")) \(shown("baseline")) → \(shown("candidate"))" }
}
