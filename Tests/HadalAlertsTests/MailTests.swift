import Foundation
import HadalJSON
import TestSupport
import Testing

@testable import HadalAlerts

@Suite(.timeLimit(.minutes(15)))
struct MailTests {
    private static func settings(
        _ port: Int, _ security: MailSettings.Security = .plain, host: String = "127.0.0.1"
    ) -> MailSettings {
        MailSettings(host: host, port: port, security: security, from: "hadal@example.org", to: ["ops@example.org"])
    }

    private static func problem(_ settings: MailSettings) async throws -> AlertError? {
        let channel = try MailChannel(name: "mail", settings)
        do throws(AlertError) {
            try await channel.send(.sample())
            return nil
        } catch { return error }
    }

    @Test func aMessageArrivesAsItIs() async throws {
        let server = try await MailServer.start()
        var settings = Self.settings(server.port)
        settings.to = ["ops@example.org", "oncall@example.org"]
        let model = "模型-ü-" + String(repeating: "很长的名字", count: 30) + " =?utf-8?Q?x?="
        // Lines that are a dot, begin with one, end in a space, or are long.
        let summary = "a\r\n.\r\n..b \n." + String(repeating: "=é.", count: 100)
        let message = AlertMessage.sample([.sample(model: model), .sample(summary: summary)])
        try await MailChannel(name: "mail", settings).send(message)
        let mail = try await server.message()
        #expect(mail["from"] == "hadal@example.org" && mail["to"] == ["ops@example.org", "oncall@example.org"])
        #expect(mail["subject"]?.string == message.title.replacing("\r\n", with: "  ").replacing("\n", with: " "))
        let body = try #require(mail["body"]?.string).replacing("\r\n", with: "\n")
        #expect(body == MailMessage(message, from: "", to: []).body.replacing("\r\n", with: "\n") + "\n")
        #expect(mail["headers"]?["Date"] == "Fri, 15 Jan 2027 08:00:00 +0000")
        #expect(mail["headers"]?["Message-ID"] == "<m1@example.org>")
        #expect(mail["headers"]?["To"] == "ops@example.org, oncall@example.org")
        #expect(mail["ascii"] == true && mail["longest"]!.int! <= 78 && mail["tls"] == false)
    }

    @Test(arguments: ["", ".", "..", ".\r\n.", "a\r\n..\r\n.b"])
    func dotsAreStuffed(_ text: String) {
        let sent = MailSession.stuffed(text)
        #expect(!("\r\n" + sent + "\r\n").contains("\r\n.\r\n"))
        // As a server reads it (RFC 5321, 4.5.2).
        let read = sent.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix(".") ? $0.dropFirst() : $0 }.joined(separator: "\r\n")
        #expect(read == text)
    }

    @Test(arguments: [
        ("starttls", "PLAIN"), ("starttls", "LOGIN"), ("tls", "PLAIN"), ("tls", "LOGIN"), ("plain", "PLAIN"),
    ])
    func itLogsIn(_ security: String, _ mechanism: String) async throws {
        let certificates = try await MailCertificates()
        let server = try await MailServer.start(certificates.options(security, [("mechanism", .string(mechanism))]))
        for host in ["localhost", "127.0.0.1"] {
            var settings = Self.settings(server.port, .init(rawValue: security)!, host: host)
            (settings.user, settings.password) = ("hadal", "pass word ü")
            settings.authority = certificates.folder.file("own.pem")
            #expect(try await Self.problem(settings) == nil, "\(host)")
            let mail = try await server.message()
            #expect(mail["user"]?.string == mechanism && mail["tls"] == .bool(security != "plain"))
            settings.password = "wrong"
            let error = try await Self.problem(settings)
            #expect(
                error?.isFinal == true && "\(error!)".contains("refuses the user or the password: 535"), "\(error!)")
        }
    }

    @Test(arguments: ["starttls", "tls"])
    func onlyTheRightCertificatesAreTrusted(_ security: String) async throws {
        let certificates = try await MailCertificates()
        let server = try await MailServer.start(certificates.options(security))
        var settings = Self.settings(server.port, .init(rawValue: security)!, host: "localhost")
        for authority in [nil, certificates.folder.file("other.pem")] {
            settings.authority = authority
            let error = try await Self.problem(settings)
            #expect("\(error!)".contains("CERTIFICATE_VERIFY_FAILED"), "\(error!)")
        }
        settings.authority = certificates.folder.file("own.pem")
        #expect(try await Self.problem(settings) == nil)
    }

    @Test func withoutTLSNothingIsSaid() async throws {
        let plain = try await MailServer.start()
        let none = try await Self.problem(Self.settings(plain.port, .startTLS))
        #expect(none?.isFinal == true && "\(none!)".contains("has no STARTTLS"))
        // Somebody between puts words into the server's mouth.
        let certificates = try await MailCertificates()
        let injected = try await MailServer.start(certificates.options("starttls", [("inject", "250 evil")]))
        let error = try await Self.problem(Self.settings(injected.port, .startTLS))
        #expect(error?.isFinal == true && "\(error!)".contains("before TLS"), "\(error!)")
        // And what speaks no TLS at all is no mail server for port 465.
        let wrong = try await Self.problem(Self.settings(plain.port, .tls))
        #expect(wrong != nil)
    }

    @Test func refusalsAreTold() async throws {
        let some = try await MailServer.start(["refused": ["gone@example.org"]])
        var settings = Self.settings(some.port)
        settings.to = ["gone@example.org"]
        let all = try await Self.problem(settings)
        #expect(all?.isFinal == true && "\(all!)".contains("gone@example.org: 550 no such mailbox"), "\(all!)")
        settings.to = ["gone@example.org", "ops@example.org"]
        let one = try await Self.problem(settings)
        #expect(one?.isFinal == true && "\(one!)".contains("refuses some: gone@example.org"), "\(one!)")
        #expect(try await some.message()["to"] == ["ops@example.org"])
        let full = try await MailServer.start(["say": "452 no room"])
        let later = try await Self.problem(Self.settings(full.port))
        #expect(later?.isFinal == false && "\(later!)".contains("refuses the text: 452 no room"), "\(later!)")
        let nobody = try await Self.problem(Self.settings(1))
        #expect(nobody?.isFinal == false)
    }

    @Test func settingsAreChecked() {
        func problem(_ change: (inout MailSettings) -> Void) -> String {
            var settings = Self.settings(25)
            change(&settings)
            do {
                _ = try MailChannel(name: "mail", settings)
                return ""
            } catch { return "\(error)" }
        }
        #expect(problem { _ in } == "")
        #expect(problem { $0.host = "a b" }.contains("host"))
        #expect(problem { $0.port = 0 }.contains("port"))
        #expect(problem { $0.user = "a" }.contains("given together"))
        #expect(
            problem { ($0.user, $0.password, $0.host) = ("a", "b", "mail.example.org") }.contains("for all to read"))
        #expect(problem { $0.to = [] }.contains("1 to 100 addresses"))
        for address in ["ops", "@example.org", "ops@", "a b@example.org", "a@b>\r\nDATA", "ü@example.org", "a@b@c"] {
            #expect(problem { $0.to = [address] }.contains("which is no address"), "\(address)")
        }
        #expect(problem { $0.from = "hadal" }.contains("from is no address"))
        #expect(problem { $0.authority = "/nowhere.pem" }.contains("holds no certificates"))
    }

    @Test func repliesAreRead() throws {
        var reader = MailReplyReader()
        #expect(try reader.read("250-first") == nil)
        #expect(try reader.read("250 second") == MailReply(code: 250, lines: ["first", "second"]))
        #expect(try reader.read("354") == MailReply(code: 354, lines: [""]))
        for line in ["", "hello", "999 x", "25 x", "250-a\n"] + ["-50 x"] where line != "250-a\n" {
            var fresh = MailReplyReader()
            #expect(throws: AlertError.self) { try fresh.read(line) }
        }
        #expect(try reader.read("250-first") == nil)
        #expect(throws: AlertError.self) { try reader.read("251 other") }
    }

    @Test func encodedWordsAreShortAndWhole() {
        var random = SplitMix(state: 10)
        for _ in 0..<200 {
            let text = String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 1...90, using: &random)).map { _ in
                        Unicode.Scalar(UInt32.random(in: 0x4E00...0x9FFF, using: &random))!
                    }))
            let lines = HeaderText.encoded(text, after: 9).split(separator: "\r\n ").map(String.init)
            #expect(lines[0].count <= 67 && lines.dropFirst().allSatisfy { $0.count <= 75 })
            let bytes = lines.map { Data(base64Encoded: String($0.dropFirst(10).dropLast(2)))! }
            #expect(bytes.allSatisfy { String(validating: $0, as: UTF8.self) != nil })
            #expect(String(decoding: bytes.reduce(Data(), +), as: UTF8.self) == text)
        }
        #expect(HeaderText.encoded("plain", after: 9) == "plain")
    }
}
