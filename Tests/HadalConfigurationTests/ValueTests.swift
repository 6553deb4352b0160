import Foundation
import HadalJSON
import TestSupport
import Testing

@testable import HadalConfiguration

@Suite struct ValueTests {
    @Test(
        arguments: [
            ("250ms", .milliseconds(250)), ("30s", .seconds(30)), ("5m", .seconds(300)), ("12h", .seconds(43_200)),
            ("90d", .seconds(7_776_000)), ("0s", .zero), ("1d", .seconds(86_400)),
        ] as [(String, Duration)])
    func durationsAreReadAndWritten(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
        #expect(DurationText.text(duration) == text)
    }

    @Test(arguments: ["", "s", "5", "5 s", "-5s", "+5s", "05s", "5S", "1h30m", "٣s", "9223372036854775807d", "5s\n"])
    func whatIsNoDurationIsNotRead(text: String) { #expect(DurationText.parse(text) == nil) }

    @Test(arguments: [
        ("1", 1), ("0", 0), ("1024", 1024), ("16MiB", 16 << 20), ("8GiB", 8 << 30), ("512MB", 512_000_000), ("7B", 7),
        ("2TiB", 2 << 40), ("3KB", 3000), ("1TB", 1_000_000_000_000),
    ])
    func bytesAreRead(text: String, bytes: Int) { #expect(ByteText.parse(text) == bytes) }

    @Test(arguments: ["", "B", "16M", "1.5GiB", "-1", "08GiB", "8gib", "8 GiB", "٣", "8388608TiB", "0x10"])
    func whatAreNoBytesAreNotRead(text: String) { #expect(ByteText.parse(text) == nil) }

    @Test func bytesAreWrittenSoThatTheyAreReadAgain() {
        for bytes in [0, 1, 1023, 1024, 1025, 16 << 20, 8 << 30, 3 << 40, .max] {
            #expect(ByteText.parse(ByteText.text(bytes)) == bytes)
        }
    }

    @Test func amountsOfMoneyAreExact() throws {
        let loaded = try load("limits: {key: {cost_per_month: 0.10}, prices: [{model: a, prompt: 2.19}]}")
        #expect(loaded.settings.limits.key.costPerMonth == Decimal(string: "0.1"))
        #expect(loaded.settings.limits.prices[0].prompt == Decimal(string: "2.19"))
    }

    @Test func textsAreTextsWhateverYAMLWouldMakeOfThem() throws {
        let loaded = try load(
            """
            models:
              - {name: no, model: yes}
              - {name: 1:30, model: 010}
              - {name: 1.0, model: 2001-01-01}
            allowed_hosts: on
            tls: {minimum_version: 1.2}
            """)
        #expect(loaded.settings.models.map(\.name) == ["no", "1:30", "1.0"])
        #expect(loaded.settings.models.map(\.model) == ["yes", "010", "2001-01-01"])
        #expect(loaded.settings.allowedHosts == ["on"])
        #expect(loaded.settings.tls.minimumVersion == .v1_2)
    }

    @Test func noneTakesALimitAway() throws {
        #expect(try load("").settings.limits.key.requestsPerMinute == 2000)
        #expect(try load("limits: {key: {requests_per_minute: none}}").settings.limits.key.requestsPerMinute == nil)
        #expect(try load("limits: {key: {concurrent: 5}}").settings.limits.key.requestsPerMinute == 2000)
        #expect(try load("").settings.limits.user.requestsPerMinute == nil)
    }

    @Test func aModelsEngineTakesWhatItDoesNotSayFromThatForAll() throws {
        let settings = try load(
            """
            engine: {batch: 8, draft_model: /small, prefix_cache: false, kv_cache: 8GiB, prefix_cache_dir: /p}
            models:
              - {model: a, engine: {batch: 4, draft_model: none, prefix_cache: true, context: 1024}}
              - {model: b}
            """
        ).settings
        #expect(
            settings.engine(for: settings.models[0]).arguments == [
                "--context", "1024", "--kv-cache", "8GiB", "--batch", "4", "--prefix-cache-dir", "/p",
            ])
        #expect(
            settings.engine(for: settings.models[1]).arguments == [
                "--kv-cache", "8GiB", "--batch", "8", "--no-prefix-cache", "--prefix-cache-dir", "/p", "--draft-model",
                "/small",
            ])
    }

    @Test func secretsAreNamedAndNeverShown() throws {
        let directory = try TemporaryDirectory()
        let secret = try directory.write("geheim\n".utf8, "secret")
        let loaded = try directory.load("secrets: {service: passphrase, passphrase_file: secret}")
        #expect(loaded.settings.secrets.passphrase == SecretSource(file: secret))
        for shown in loaded.shown { #expect(!shown.text.contains("geheim")) }
    }

    @Test func aProxysHeaderIsOneOfTwo() throws {
        #expect(try load("").settings.access.proxyHeader == .xForwardedFor)
        #expect(try load("access: {proxy_header: forwarded}").settings.access.proxyHeader == .forwarded)
    }

    @Test func tenantsHaveWeightsByTheirNames() throws {
        #expect(try load("").settings.limits.tenantWeights.isEmpty)
        let loaded = try load("limits: {tenant_weights: {research: 3, a.b: 100}}")
        #expect(loaded.settings.limits.tenantWeights == ["research": 3, "a.b": 100])
        #expect(loaded.shown.first { $0.path == "limits.tenant_weights" }?.value == ["a.b": 100, "research": 3])
    }
}
