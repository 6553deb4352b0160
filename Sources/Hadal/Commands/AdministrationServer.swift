import ArgumentParser
import Foundation
import HadalClient
import HadalJSON

/// A running server, and what is asked of its administration.
struct AdministrationServer: ParsableArguments {
    @Option(help: ArgumentHelp("The server's address; its key in HADAL_API_KEY.", valueName: "url"))
    var url = "http://127.0.0.1:8000"

    func validate() throws {
        guard Self.address(url) != nil else {
            throw ValidationError("--url is an address such as http://127.0.0.1:8000")
        }
    }

    /// - Parameters:
    ///   - parts: of the path below `/admin/v1`, names among them.
    ///   - body: nil: it is asked with GET, else with POST.
    ///   - code: of the second factor, for critical acts.
    func answer(_ parts: [String], query: String = "", _ body: JSON? = nil, code: String? = nil) async throws -> JSON {
        try await Self.answer(of: url, parts, query: query, body, code: code)
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

    /// The same of a server at an address that was found elsewhere.
    static func answer(
        of server: String, _ parts: [String], query: String = "", _ body: JSON? = nil, code: String? = nil,
        timeout: Duration = .seconds(30)
    ) async throws -> JSON {
        guard let url = address(server) else {
            throw CommandFailure("'\(server)' is no address such as http://127.0.0.1:8000")
        }
        let names = try parts.map { part in
            guard let text = part.addingPercentEncoding(withAllowedCharacters: .alphanumerics) else {
                throw CommandFailure("'\(part)' is no name")
            }
            return text
        }
        let key = ProcessInfo.processInfo.environment["HADAL_API_KEY"]
        do {
            return try await HadalClient(url, key: key, timeout: timeout).answer(
                at: "/admin/v1/" + names.joined(separator: "/") + query, body,
                headers: code.map { [("x-hadal-otp", $0)] } ?? [])
        } catch let error as HadalClientError {
            throw CommandFailure(error.description)
        }
    }

    private static func address(_ text: String) -> URL? {
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host() != nil else { return nil }
        return url
    }
}
