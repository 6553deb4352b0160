import HadalGateway
import HadalJSON
import Testing

/// Whatever comes, the answer is a 4xx (or the connection ends) and the next request is served.
@Suite struct HostileInputTests {
    private static func request(_ body: [UInt8], length: String? = nil) -> [UInt8] {
        Array(
            """
            POST /v1/chat/completions HTTP/1.1\r
            Host: 127.0.0.1\r
            Content-Type: application/json\r
            Content-Length: \(length ?? String(body.count))\r
            Connection: close\r
            \r

            """.utf8) + body
    }

    private static let good = Array(#"{"model":"scripted","messages":[{"role":"user","content":"hi"}]}"#.utf8)

    static let cases: [(name: String, bytes: [UInt8])] = [
        ("invalid UTF-8", request(Array(#"{"model":""#.utf8) + [0xFF, 0xFE, 0x22, 0x7D])),
        ("half a character", request(Array(#"{"model":""#.utf8) + [0xE4, 0xB8, 0x22, 0x7D])),
        ("a surrogate alone", request(Array(#"{"model":"\ud800"}"#.utf8))),
        ("nested arrays", request([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000))),
        ("nested objects", request(Array(String(repeating: #"{"a":"#, count: 100_000).utf8))),
        ("no JSON", request(Array("hello".utf8))),
        ("nothing", request([])),
        ("a zero byte", request([0])),
        ("duplicate keys", request(Array(#"{"model":"a","model":"b"}"#.utf8))),
        ("a number without end", request(Array((#"{"model":1"# + String(repeating: "0", count: 500_000) + "}").utf8))),
        ("a truncated body", request(Array(good.prefix(20)), length: String(good.count))),
        ("a negative length", request(good, length: "-1")),
        ("no length in words", request(good, length: "many")),
        ("a length beyond 64 bits", request(good, length: "99999999999999999999999")),
        ("two lengths", request(good, length: "5\r\nContent-Length: 7")),
        ("a length and chunks", request(good, length: "5\r\nTransfer-Encoding: chunked")),
        (
            "huge headers",
            Array("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 1 << 20))\r\n\r\n".utf8)
        ),
        (
            "many headers",
            Array(("GET / HTTP/1.1\r\n" + (0..<5000).map { "X\($0): x\r\n" }.joined() + "\r\n").utf8)
        ),
        ("a huge path", Array("GET /\(String(repeating: "a", count: 1 << 20)) HTTP/1.1\r\n\r\n".utf8)),
        ("no HTTP", Array("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}hello\r\n\r\n".utf8)),
        ("a bad version", Array("GET / HTTP/9.9\r\nHost: a\r\n\r\n".utf8)),
        (
            "a bad chunk size",
            Array(
                "POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
                    .utf8)
        ),
        ("a header with a line feed", Array("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\nb\r\n\r\n".utf8)),
    ]

    @Test func everyCaseIsRefusedAndHarmsNobody() async throws {
        try await Serving.run { serving in
            // Somebody else's answer is streaming all the while.
            for (name, bytes) in Self.cases {
                let connection = try RawConnection(port: serving.port)
                await connection.send(bytes)
                connection.finish()
                let answer = await connection.read()
                #expect(
                    answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(name): \(answer.prefix(200))")
                let other = try await serving.chat("")
                #expect(other.status == 200, "after \(name): \(other.body.prefix(200))")
            }
        }
    }

    /// Answers that say what is wrong rather than hang up.
    @Test(arguments: ["invalid UTF-8", "nested arrays", "nested objects", "no JSON", "nothing", "duplicate keys"])
    func brokenJSONIsNamed(name: String) async throws {
        let bytes = try #require(Self.cases.first { $0.name == name }?.bytes)
        try await Serving.run { serving in
            let connection = try RawConnection(port: serving.port)
            await connection.send(bytes)
            let answer = await connection.read()
            #expect(answer.hasPrefix("HTTP/1.1 400"), "\(answer.prefix(300))")
            #expect(answer.contains(#""code":"invalid_json""#), "\(answer.prefix(300))")
        }
    }

    @Test func tooLargeABodyIsRefusedUnread() async throws {
        try await Serving.run(configure: { $0.bodyBytesLimit = 1000 }) { serving in
            let large = try await serving.chat(#","user":"\#(String(repeating: "x", count: 2000))""#)
            #expect(large.status == 413)
            #expect(large.errorCode == "body_too_large")
            // The same without a length in the head.
            let connection = try RawConnection(port: serving.port)
            let chunk = "400\r\n" + String(repeating: " ", count: 0x400) + "\r\n"
            await connection.send(
                "POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n\(chunk)\(chunk)0\r\n\r\n"
            )
            let answer = await connection.read()
            #expect(answer.hasPrefix("HTTP/1.1 413"), "\(answer.prefix(200))")
        }
    }

    @Test func aPageOfAnotherSiteCannotUseTheServer() async throws {
        try await Serving.run { serving in
            let body = #"{"model":"scripted","prompt":"hi"}"#
            // DNS rebinding: the page's own host name means 127.0.0.1.
            let rebound = try await serving.post("/v1/completions", body, headers: [("host", "evil.example:80")])
            #expect(rebound.status == 421)
            #expect(rebound.errorCode == "host_not_allowed")
            // What a form or a simple fetch may send without asking.
            for type in ["text/plain", "application/x-www-form-urlencoded", nil] {
                let simple = try await serving.post("/v1/completions", body, type: type)
                #expect(simple.status == 415)
            }
            for host in ["localhost", "127.0.0.1:99", "[::1]:99", "127.9.9.9"] {
                let answer = try await serving.post("/v1/completions", body, headers: [("host", host)])
                #expect(answer.status == 200, "\(host)")
            }
        }
    }
}
