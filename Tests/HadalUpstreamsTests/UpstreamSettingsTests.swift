import Foundation
import HadalJSON
import HadalWire
import TestSupport
import Testing

@testable import HadalUpstreams

@Suite struct UpstreamSettingsTests {
    private let whole: JSON = [
        "name": "deepseek", "base_url": "https://api.deepseek.com/v1/", "kind": "deepseek", "model": "deepseek-chat",
        "key": ["environment": "KEY"], "headers": ["X-Team": "risk"], "context_length": 131_072,
        "prices": ["input": 0.28, "output": "0.42", "cached": 0.028, "currency": "USD"],
        "budget": ["day": ["money": 50], "month": ["tokens": 2_000_000, "money": 1000.5]], "concurrency": 32,
        "timeouts": ["connect": 5, "first_byte": 300, "between_events": 0.5], "tls_authority": "/etc/ca.pem",
    ]

    private func with(_ name: String, _ value: JSON?) -> JSON {
        var object = whole.object ?? JSON.Object()
        object[name] = value
        return .object(object)
    }

    @Test func allFieldsAreRead() throws {
        let settings = try UpstreamSettings(whole)
        #expect(settings.name == "deepseek" && settings.model == "deepseek-chat" && settings.kind == .deepSeek)
        #expect(settings.baseURL.absoluteString == "https://api.deepseek.com")
        #expect(settings.key == .environment("KEY") && settings.headers.map(\.name) == ["X-Team"])
        #expect(settings.contextLength == 131_072 && settings.concurrency == 32)
        #expect(settings.prices?.input == Decimal(string: "0.28") && settings.prices?.output == Decimal(string: "0.42"))
        #expect(settings.budget.day.money == 50 && settings.budget.day.tokens == nil)
        #expect(settings.budget.month.tokens == 2_000_000)
        #expect(settings.budget.month.money == Decimal(string: "1000.5"))
        #expect(settings.timeouts.connect == .seconds(5) && settings.timeouts.betweenEvents == .milliseconds(500))
        #expect(settings.tlsAuthority == "/etc/ca.pem")
    }

    @Test func whatIsLeftOutHasDefaults() throws {
        let settings = try UpstreamSettings([
            "name": "a", "base_url": "http://127.0.0.1:1", "model": "m", "kind": "auto",
        ])
        #expect(settings.kind == nil && settings.key == nil && settings.prices == nil && settings.headers.isEmpty)
        #expect(settings.budget == UpstreamSettings.Budget() && settings.timeouts == UpstreamSettings.Timeouts())
    }

    @Test(
        arguments: [
            ("name", "a b", "up.name"), ("name", .null, "up.name"), ("base_url", "ftp://x", "up.base_url"),
            ("base_url", "https://user:secret@x", "up.base_url"), ("base_url", "https://x?a=b", "up.base_url"),
            ("base_url", "http://api.deepseek.com", "up.base_url"), ("kind", "wllm", "up.kind"),
            ("model", "", "up.model"),
            ("key", ["file": "a", "environment": "B"], "up.key"), ("key", "sk-1", "up.key"),
            ("key", ["value": "sk-1"], "up.key.value"), ("headers", ["Authorization": "x"], "up.headers.Authorization"),
            ("headers", ["a": "b\r\nc: d"], "up.headers.a"), ("headers", ["a b": "c"], "up.headers.a b"),
            ("prices", ["input": -1], "up.prices.input"), ("prices", ["input": "much"], "up.prices.input"),
            ("prices", .null, "up.budget.day.money"), ("budget", ["week": [:]], "up.budget.week"),
            ("concurrency", 0, "up.concurrency"), ("timeouts", ["connect": 0], "up.timeouts.connect"),
            ("timeouts", ["conect": 1], "up.timeouts.conect"), ("context_length", 0, "up.context_length"),
            ("surprise", 1, "up.surprise"),
        ] as [(String, JSON, String)])
    func whatIsWrongIsNamed(_ name: String, _ value: JSON, _ field: String) {
        let error = #expect(throws: WireError.self) { try UpstreamSettings(with(name, value), at: "up") }
        #expect(error?.field == field)
        #expect(error?.description.contains("sk-1") == false)
    }

    @Test func aKeyGoesOverPlainHTTPOnlyWhereThatIsAllowedOrLocal() throws {
        for base in ["http://127.0.0.1:8000", "http://localhost:1", "http://[::1]:1"] {
            let json: JSON = ["name": "a", "base_url": .string(base), "model": "m", "key": ["environment": "K"]]
            #expect(try UpstreamSettings(json).key != nil)
        }
        var json: JSON = [
            "name": "a", "base_url": "http://10.0.0.1", "model": "m", "key": ["environment": "K"],
            "allow_plain_http": true,
        ]
        #expect(try UpstreamSettings(json).allowsPlainHTTP)
        json = ["name": "a", "base_url": "http://10.0.0.1", "model": "m", "headers": ["x-key": "secret"]]
        #expect(throws: WireError.self) { try UpstreamSettings(json) }
    }

    @Test func aKeyIsReadFromAFileOrTheEnvironmentAndNeverPrinted() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array("  sk-very-secret \nmore\n".utf8), "key")
        let key = try UpstreamKeyPlace.file(path).read()
        #expect(key.text == "sk-very-secret")
        #expect(try UpstreamKeyPlace.environment("K").read(environment: ["K": "sk-2"]).text == "sk-2")
        var settings = UpstreamSettings(name: "a", baseURL: URL(fileURLWithPath: "/"), model: "m")
        settings.headers = [UpstreamHeader(name: "x", value: key)]
        var dumped = ""
        dump(settings, to: &dumped)
        dump(key, to: &dumped)
        #expect(!(dumped + "\(key) \(settings) \(String(reflecting: settings))").contains("very-secret"))
    }

    @Test func aKeyThatIsNotThereIsSaidWithItsPlace() throws {
        let directory = try TemporaryDirectory()
        for text in ["", "\n\n", "two words", "schlüssel"] {
            let path = try directory.write(Array(text.utf8), "key")
            let error = #expect(throws: UpstreamError.self) { try UpstreamKeyPlace.file(path).read() }
            #expect(error?.description.contains(path) == true)
        }
        #expect(throws: UpstreamError.self) { try UpstreamKeyPlace.file("/no/such").read() }
        #expect(throws: UpstreamError.self) { try UpstreamKeyPlace.environment("K").read(environment: [:]) }
    }

    @Test func moneyIsCountedExactly() throws {
        let prices = try #require(UpstreamSettings(whole).prices)
        let usage = Usage(promptTokens: 1_000_000, cachedTokens: 400_000, completionTokens: 10)
        #expect(prices.cost(of: usage) == Decimal(string: "0.1792042"))
        // More cached than there is, as a lying upstream says, does not make it cheaper than all cached.
        #expect(prices.cost(of: Usage(promptTokens: 1_000_000, cachedTokens: 9_000_000)) == Decimal(string: "0.028"))
    }
}
