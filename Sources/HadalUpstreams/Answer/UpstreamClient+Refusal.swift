import HadalJSON
import HadalWire

extension UpstreamClient {
    /// Why a stream ended without a word. llama_cpp.server begins streams before it looks at what is asked, and tells what
    /// is wrong with it only to who asks for an answer in one piece.
    /// - Returns: nil where that is not known.
    func refusal(of call: UpstreamCall, _ watchdog: Watchdog) async throws -> WorkerFailure? {
        guard capabilities.kind == .llamaCppPython else { return nil }
        watchdog.allow(settings.timeouts.firstByte)
        var body = call.body
        body["stream"] = false
        body["stream_options"] = nil
        body["max_tokens"] = 1
        let answer: UpstreamHTTP.Answer
        do { answer = try await http.exchange(call.path, .object(body)) } catch {
            // It closes the connection on which it has failed, maybe just when that was to be used again.
            answer = try await http.exchange(call.path, .object(body))
        }
        return answer.status == 200 ? nil : http.failure(answer)
    }
}
