import Foundation
import HadalJSON
import Testing

@testable import HadalAlerts

@Suite(.timeLimit(.minutes(15)))
struct RobotTests {
    private static let time: @Sendable () -> Date = { Date(timeIntervalSince1970: 1_800_000_000.25) }

    /// The signatures are those that the services' own examples in Python give for this time and secret.
    @Test func feishu() async throws {
        let server = try await StubServer.start { _ in .init(body: #"{"code":0,"msg":"success","data":{}}"#) }
        let channel = try RobotChannel(
            name: "group", .feishu, url: server.url + "/open-apis/bot/v2/hook/token", secret: "secret", now: Self.time)
        try await channel.send(.sample())
        let request = try #require(server.requests.first)
        #expect(request.path == "/open-apis/bot/v2/hook/token")
        let json = try #require(request.json)
        #expect(json["timestamp"] == "1800000000" && json["msg_type"] == "interactive")
        let script = """
            import base64, hashlib, hmac
            key = '{}\\n{}'.format(1800000000, 'secret').encode('utf-8')
            print(base64.b64encode(hmac.new(key, digestmod=hashlib.sha256).digest()).decode('utf-8'), end='')
            """
        #expect(json["sign"]?.string == (try await Shell.output(["python3", "-c", script])))
        let card = try #require(json["card"])
        #expect(card["header"]?["template"] == "red")
        #expect(card["header"]?["title"]?["content"] == "［gpu1］ CRITICAL: The model deepseek cannot be asked.")
        let text = try #require(card["elements"]?[0]?["text"]?["content"]?.string)
        #expect(text.hasPrefix("**CRITICAL: The model deepseek cannot be asked.**\nHadalWorkerDown · model=deepseek"))
        try await server.stop()
    }

    @Test func dingTalk() async throws {
        let server = try await StubServer.start { _ in .init(body: #"{"errcode":0,"errmsg":"ok"}"#) }
        let channel = try RobotChannel(
            name: "group", .dingtalk, url: server.url + "/robot/send?access_token=token", secret: "SECret",
            now: Self.time)
        try await channel.send(.sample())
        let request = try #require(server.requests.first)
        let script = """
            import base64, hashlib, hmac, urllib.parse
            text = '{}\\n{}'.format(1800000000250, 'SECret').encode('utf-8')
            code = hmac.new('SECret'.encode('utf-8'), text, digestmod=hashlib.sha256).digest()
            print(urllib.parse.quote_plus(base64.b64encode(code)), end='')
            """
        let sign = try await Shell.output(["python3", "-c", script])
        #expect(request.path == "/robot/send?access_token=token&timestamp=1800000000250&sign=" + sign)
        let json = try #require(request.json)
        #expect(json["msgtype"] == "markdown")
        #expect(json["markdown"]?["title"] == "［gpu1］ CRITICAL: The model deepseek cannot be asked.")
        #expect(json["markdown"]?["text"]?.string?.contains("HadalWorkerDown") == true)
        try await server.stop()
    }

    @Test func weCom() async throws {
        let server = try await StubServer.start { _ in .init(body: #"{"errcode":0,"errmsg":"ok"}"#) }
        let channel = try RobotChannel(name: "group", .wecom, url: server.url + "/cgi-bin/webhook/send?key=k")
        try await channel.send(.sample((0..<50).map { .sample(model: "模型\($0)") }))
        let request = try #require(server.requests.first)
        #expect(request.path == "/cgi-bin/webhook/send?key=k" && request.json?["msgtype"] == "markdown")
        let content = try #require(request.json?["markdown"]?["content"]?.string)
        #expect((3000...4096).contains(content.utf8.count))
        #expect(content.wholeMatch(of: /(?s).*\n\n… and (\d+) more/).map { Int($0.1)! > 10 } == true)
        #expect(throws: AlertError.self) { try RobotChannel(name: "group", .wecom, url: server.url, secret: "s") }
        try await server.stop()
    }

    @Test func namesAreNoMarkup() async throws {
        let server = try await StubServer.start { _ in .init(body: #"{"code":0}"#) }
        let channel = try RobotChannel(name: "group", .feishu, url: server.url)
        try await channel.send(.sample([.sample(model: "<at id=all></at>[here](http://evil) **x**")]))
        let text = String(decoding: try #require(server.requests.first).body, as: UTF8.self)
        #expect(!text.contains("<at") && !text.contains("[here]") && !text.contains("**x**"))
        #expect(server.requests.first?.json?["sign"] == nil)
        try await server.stop()
    }

    @Test(arguments: [
        (RobotChannel.Service.feishu, #"{"code":19021,"msg":"sign match fail"}"#, true, "19021 sign match fail"),
        (.feishu, #"{"code":11232,"msg":"frequency limited"}"#, false, "11232"),
        (.dingtalk, #"{"errcode":310000,"errmsg":"keywords not in content"}"#, true, "310000 keywords"),
        (.dingtalk, #"{"errcode":130101,"errmsg":"send too fast"}"#, false, "130101"),
        (.wecom, #"{"errcode":93000,"errmsg":"invalid webhook url"}"#, true, "93000 invalid"),
        (.wecom, #"{"errcode":45009,"errmsg":"api freq out of limit"}"#, false, "45009"),
        (.wecom, "<html>", false, "something else"),
    ])
    func refusalsAreNoSuccess(
        _ service: RobotChannel.Service, _ answer: String, _ isFinal: Bool, _ words: String
    ) async throws {
        let server = try await StubServer.start { _ in .init(body: answer) }
        let channel = try RobotChannel(name: "group", service, url: server.url + "/token")
        do throws(AlertError) {
            try await channel.send(.sample())
            Issue.record("it was taken")
        } catch {
            #expect(error.isFinal == isFinal && error.description.contains(words), "\(error)")
        }
        try await server.stop()
    }
}
