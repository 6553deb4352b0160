import Foundation
import TestSupport
import Testing

@testable import HadalConfiguration

/// Files and everything that is told of them, after `hadal.yaml:`.
enum GoldenProblems {}

@Suite struct ProblemTests {
    @Test(arguments: [GoldenProblems.syntax, GoldenProblems.values, GoldenProblems.groups].flatMap(\.self))
    func allIsToldWithItsPlace(yaml: String, expected: [String]) throws {
        #expect(try problems(yaml) == expected.map { "hadal.yaml:" + $0 })
    }

    @Test func filesThatCannotBeReadAreNamed() throws {
        let directory = try TemporaryDirectory()
        for path in [directory.path, directory.path + "/missing.yaml"] {
            let error = #expect(throws: ConfigurationError.self) {
                try ConfigurationLoader.load(file: path, environment: [:])
            }
            #expect(
                error?.description
                    == "the configuration '\(path)' cannot be read; check that it is a file, is there and may be read")
        }
    }

    @Test(arguments: [
        ([0x61, 0x3A, 0x20, 0xFF, 0x0A], "1:4: the text is not UTF-8; save the file as UTF-8"),
        ([0x0A, 0xC3], "2:1: the text is not UTF-8; save the file as UTF-8"),
        ([0x0A, 0xED, 0xA0, 0x80], "2:1: the text is not UTF-8; save the file as UTF-8"),
        ([0xFF, 0xFE, 0x61, 0x00], "1:1: the text is not UTF-8; save the file as UTF-8"),
        ([0x61, 0x3A, 0x0D, 0x0A, 0x07], "2:1: a control character, U+0007; remove it"),
    ])
    func bytesThatAreNoTextAreRefused(bytes: [UInt8], expected: String) throws {
        #expect(try problems(bytes) == ["hadal.yaml:" + expected])
    }

    @Test func filesAndEnvironmentAndOptionsAreToldTogether() throws {
        let found = try problems(
            "listen: x\nsecrets: {service: vault}\n",
            environment: ["HADAL_SERVER_GRACE": "x", "HADAL_MODELS": "[", "HADAL_LIMITS_KEY_CONCURRENT": "1:30"],
            overrides: [
                SettingOverride("server.requests", "0", option: "--requests"),
                SettingOverride("server.reqests", "5", option: "--set"),
                SettingOverride("models[0].name", "5", option: "--set"),
            ])
        #expect(
            found.map { String($0.prefix { $0 != ";" }) } == [
                "hadal.yaml:1:9: listen: 'x' is no address to listen on",
                "hadal.yaml:2:10: secrets.vault.token_file: service vault needs it",
                "hadal.yaml:2:10: secrets.vault.address: service vault needs it",
                "hadal.yaml:2:10: secrets.vault.key: service vault needs it",
                "HADAL_MODELS: models: this is not YAML: did not find expected node content",
                "HADAL_SERVER_GRACE: server.grace: 'x' is no duration",
                "HADAL_LIMITS_KEY_CONCURRENT: limits.key.concurrent: '1:30' is no whole number",
                "--requests: server.requests: 0 is outside its range",
                "--set: there is no setting 'server.reqests'",
                "--set: there is no setting 'models[0].name'",
            ])
    }

    @Test func manyProblemsAreCounted() throws {
        let found = try problems(String(repeating: "a: 1\n", count: 1) + (0..<2000).map { "x\($0): 1\n" }.joined())
        #expect(found.count == 51)
        #expect(found.last == "and 1951 more")
        #expect(found.first?.hasPrefix("hadal.yaml:1:1: a: there is no such setting") == true)
    }

    @Test func secretsWrittenByMistakeAreNotRepeated() throws {
        let texts = [
            "secrets: {passphrase: geheim-123}", "secrets: {vault: {token: geheim-123}}",
            "secrets: {vault: {address: 'https://u:geheim-123@v'}}", "secrets: {pkcs11: {pin: geheim-123}}",
            "access: {token_issuers: [{client_secret: geheim-123}]}",
            "access: {token_issuers: [{keys_url: 'https://geheim-123@v/'}]}",
        ]
        for text in texts {
            let found = try problems(text)
            #expect(!found.isEmpty, "\(text)")
            #expect(!found.joined().contains("geheim"), "\(text)")
        }
    }

    @Test(arguments: [
        ("body_limt", ["body_time", "body_limit"], "body_limit"), ("gracee", ["grace"], "grace"),
        ("rgace", ["grace"], "grace"), ("warn", ["error", "warning"], "warning"), ("xyz", ["grace"], nil),
        ("", ["grace"], nil), (String(repeating: "x", count: 100_000), ["grace"], nil),
    ])
    func slipsAreGuessed(name: String, known: [String], expected: String?) {
        #expect(Suggestion.nearest(to: name, among: known) == expected)
    }
}
