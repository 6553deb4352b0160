import Foundation
import HadalJSON
import HadalWire
import Testing

@testable import HadalUpstreams

@Suite struct UpstreamFailuresTests {
    private let failures = UpstreamFailures(upstream: "up", secrets: ["sk-secret"])
    private let now = Date(timeIntervalSince1970: 1_796_040_000)

    private func failure(_ status: Int, _ body: String = "{}", retryAfter: String? = nil) -> WorkerFailure {
        failures.failure(status: status, body: try? JSON(parsing: body), retryAfter: retryAfter, now: now)
    }

    @Test(arguments: [
        (400, WorkerFailure.Code.invalidRequest), (401, .forbidden), (402, .forbidden), (403, .forbidden),
        (404, .notFound), (405, .unsupported), (408, .deadlineExceeded), (413, .invalidRequest), (422, .invalidRequest),
        (429, .queueFull), (500, .internal), (501, .unsupported), (502, .internal), (503, .draining),
        (504, .deadlineExceeded), (529, .draining), (302, .internal), (204, .internal),
    ])
    func eachStatusIsAFailure(_ status: Int, _ code: WorkerFailure.Code) {
        #expect(failure(status).code == code)
        #expect(failure(status, "<html>").code == code)
        #expect(failure(status).message.contains("up"))
    }

    @Test(arguments: [
        #"{"error":{"message":"too odd","code":"x","param":"top_p"}}"#, #"{"error":"too odd"}"#,
        #"{"detail":"too odd"}"#, #"{"detail":[{"loc":["body","top_p"],"msg":"too odd"}]}"#,
        #"{"object":"error","message":"too odd","code":400}"#, #"{"message":"too odd"}"#,
    ])
    func whatServersSayIsPassedOn(_ body: String) {
        let failure = failure(400, body)
        #expect(failure.message.contains("too odd"))
        #expect(failure.field == (body.contains("top_p") ? "top_p" : nil))
    }

    @Test(arguments: [
        #"{"error":{"message":"…","code":"context_length_exceeded"}}"#,
        #"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}"#,
        #"{"error":{"message":"This model's maximum context length is 4096 tokens. However"}}"#,
        #"{"object":"error","message":"The input is longer than the model's context length (4096 tokens)."}"#,
    ])
    func tooLongPromptsAreToldApart(_ body: String) {
        #expect(failure(400, body).code == .contextLengthExceeded)
    }

    @Test func aQuotaIsNoQueue() {
        #expect(failure(429, #"{"error":{"code":"insufficient_quota","message":"pay"}}"#).code == .forbidden)
    }

    @Test func retryAfterIsSecondsOrADate() {
        #expect(failure(429, retryAfter: "17").retrySeconds == 17)
        #expect(failure(503, retryAfter: "0.2").retrySeconds == 1)
        #expect(failure(429, retryAfter: "Mon, 30 Nov 2026 12:00:30 GMT").retrySeconds == 30)
        #expect(failure(429, retryAfter: "Mon, 30 Nov 2026 11:00:00 GMT").retrySeconds == 0)
        #expect(failure(429, retryAfter: "1e300").retrySeconds == 86_400)
        for text in ["", "soon", "nan", "-inf"] { #expect(failure(429, retryAfter: text).retrySeconds == nil) }
    }

    @Test func secretsAndControlCharactersAreNotToldOn() {
        let body = JSON.object(
            JSON.Object([
                ("error", .string("key sk-secret\u{1B}[2J\r\nis wrong " + String(repeating: "x", count: 9999)))
            ]))
        let failure = failure(401, body.text)
        #expect(!failure.message.contains("sk-secret") && failure.message.contains("is wrong"))
        #expect(failure.message.count < 700)
        #expect(failure.message.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }
}
