import Foundation
import HadalWire
import TestSupport
import Testing

@testable import HadalUpstreams

@Suite struct UpstreamSettingsTests {
    @Test(arguments: ["https://x", "https://x/", "https://x/v1", "https://x/v1//"])
    func aURLIsTakenWithV1OrWithout(_ text: String) throws {
        let settings = UpstreamSettings(name: "a", base: try #require(URL(string: text)), model: "m")
        #expect(settings.baseURL.absoluteString == "https://x")
    }

    @Test func aKeyIsReadFromAFileOrTheEnvironmentAndNeverPrinted() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array("  sk-very-secret \nmore\n".utf8), "key")
        let key = try UpstreamKeyPlace.file(path).read()
        #expect(key.text == "sk-very-secret")
        #expect(try UpstreamKeyPlace.environment("K").read(environment: ["K": "sk-2"]).text == "sk-2")
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!(dumped + "\(key) \(String(reflecting: key))").contains("very-secret"))
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
        func amount(_ text: String) throws -> Decimal { try #require(Decimal(string: text)) }
        let prices = UpstreamPrices(
            input: try amount("0.28"), output: try amount("0.42"), cached: try amount("0.028"))
        let usage = Usage(promptTokens: 1_000_000, cachedTokens: 400_000, completionTokens: 10)
        #expect(prices.cost(of: usage) == Decimal(string: "0.1792042"))
        // More cached than there is, as a lying upstream says, does not make it cheaper than all cached.
        #expect(prices.cost(of: Usage(promptTokens: 1_000_000, cachedTokens: 9_000_000)) == Decimal(string: "0.028"))
    }
}
