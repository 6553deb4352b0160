import AsyncHTTPClient
import Foundation
import Testing

@testable import HadalPull

@Suite(.timeLimit(.minutes(15)))
struct PartsTests {
    @Test func proxiesAreThoseOfTheEnvironment() throws {
        func proxy(_ endpoint: String, _ environment: [String: String]) throws -> String? {
            try ProxySettings(for: endpoint, environment).map { "\($0.proxy.host):\($0.proxy.port)" }
        }
        let hub = "https://huggingface.co"
        #expect(try proxy(hub, [:]) == nil)
        #expect(try proxy(hub, ["HTTPS_PROXY": "http://proxy.example.org:3128"]) == "proxy.example.org:3128")
        #expect(try proxy(hub, ["https_proxy": "proxy:8080", "NO_PROXY": "example.org"]) == "proxy:8080")
        #expect(try proxy(hub, ["HTTPS_PROXY": "http://p:1", "NO_PROXY": "x.org, .huggingface.co"]) == nil)
        #expect(try proxy(hub, ["HTTPS_PROXY": "http://p:1", "no_proxy": "*"]) == nil)
        #expect(try proxy(hub, ["HTTP_PROXY": "http://p:1"]) == nil)
        #expect(try proxy("http://127.0.0.1:80", ["HTTP_PROXY": "http://p:1"]) == nil)
        #expect(throws: PullError.self) { try proxy(hub, ["HTTPS_PROXY": "socks5://p:1"]) }
    }
}
