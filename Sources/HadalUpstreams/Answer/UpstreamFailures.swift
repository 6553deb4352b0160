import Foundation
import HadalJSON
import HadalWire

/// Makes a worker's failures of what an upstream answers instead of an answer.
struct UpstreamFailures: Sendable {
    let upstream: String
    /// What must not be told on, wherever the upstream repeats it.
    let secrets: [String]

    private static let messageLengthMax = 500

    /// - Parameters:
    ///   - body: what came, whatever it is.
    ///   - retryAfter: the header.
    ///   - now: for a `Retry-After` that is a date.
    func failure(status: Int, body: JSON?, retryAfter: String?, now: Date) -> WorkerFailure {
        let told = Told(body)
        let message = text(told.message ?? "status \(status)")
        let retry = Self.seconds(retryAfter, now: now)
        switch status {
        case 401, 403:
            return WorkerFailure(.forbidden, "\(upstream) refuses the key that it is shown (\(status)): \(message)")
        case 402: return WorkerFailure(.forbidden, "the account at \(upstream) has no balance: \(message)")
        case 404, 410: return WorkerFailure(.notFound, "\(upstream) has no such model or path: \(message)")
        case 405, 415, 501: return WorkerFailure(.unsupported, "\(upstream): \(message)", field: told.field)
        case 408, 504:
            return WorkerFailure(.deadlineExceeded, "\(upstream) gave up waiting: \(message)", retrySeconds: retry)
        case 413: return WorkerFailure(.invalidRequest, "the request is too large for \(upstream): \(message)")
        case 429 where told.code == "insufficient_quota":
            return WorkerFailure(.forbidden, "the account at \(upstream) has used its quota: \(message)")
        case 429:
            return WorkerFailure(.queueFull, "\(upstream) takes no more at present: \(message)", retrySeconds: retry)
        case 400..<500:
            let code: WorkerFailure.Code = told.isTooLong ? .contextLengthExceeded : .invalidRequest
            return WorkerFailure(code, "\(upstream): \(message)", field: told.field)
        case 503, 529:
            return WorkerFailure(.draining, "\(upstream) is not available: \(message)", retrySeconds: retry)
        case 300..<400:
            return WorkerFailure(.internal, "\(upstream) points elsewhere (\(status)), which is not followed")
        default: return WorkerFailure(.internal, "\(upstream) failed (\(status)): \(message)", retrySeconds: retry)
        }
    }

    /// An error within a stream, which has no status of its own.
    func failure(inStream body: JSON) -> WorkerFailure {
        let told = Told(body)
        let number = (body["error"]?["code"] ?? body["code"])?.int
        if let number, (400..<600).contains(number) {
            return failure(status: number, body: body, retryAfter: nil, now: .distantPast)
        }
        if told.isTooLong { return failure(status: 400, body: body, retryAfter: nil, now: .distantPast) }
        let message = text(told.message ?? "no reason given")
        return WorkerFailure(.internal, "\(upstream) ended the answer: \(message)")
    }

    /// For people: one line, not too long, without secrets.
    func text(_ message: String) -> String {
        var text = message
        for secret in secrets where !secret.isEmpty { text = text.replacingOccurrences(of: secret, with: "(hidden)") }
        text = String(text.map { $0.isNewline || $0.unicodeScalars.allSatisfy { $0.value < 0x20 } ? " " : $0 })
        return text.count > Self.messageLengthMax ? String(text.prefix(Self.messageLengthMax)) + "…" : text
    }

    /// Seconds, or a date of RFC 9110; a day at most.
    static func seconds(_ header: String?, now: Date) -> Int? {
        guard let header = header?.trimmingCharacters(in: .whitespaces), !header.isEmpty else { return nil }
        let seconds: Double
        if let number = Double(header) {
            seconds = number
        } else {
            let format = DateFormatter()
            format.locale = Locale(identifier: "en_US_POSIX")
            format.timeZone = TimeZone(identifier: "GMT")
            format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
            guard let date = format.date(from: header) else { return nil }
            seconds = date.timeIntervalSince(now)
        }
        guard seconds.isFinite else { return nil }
        return Int(min(max(seconds.rounded(.up), 0), 86_400))
    }
}

/// The shapes in which servers tell what is wrong.
private struct Told {
    var message: String?
    var code: String?
    var field: String?

    init(_ body: JSON?) {
        guard let body else { return }
        let error = body["error"] ?? body
        code = error["code"]?.string ?? error["type"]?.string
        field = error["param"]?.string
        // OpenAI's, Ollama's, FastAPI's with its list of places, and SGLang's.
        if let text = error.string ?? error["message"]?.string ?? body["detail"]?.string {
            message = text
        } else if let first = body["detail"]?[0] {
            let place = (first["loc"]?.array ?? []).compactMap { $0.string ?? $0.int.map(String.init) }
            field = place.filter { $0 != "body" }.joined(separator: ".")
            message = first["msg"]?.string
        }
    }

    var isTooLong: Bool {
        if ["context_length_exceeded", "exceed_context_size_error"].contains(code) { return true }
        let text = (message ?? "").lowercased()
        let words = [
            "maximum context length", "context window", "available context size", "longer than the model's context",
        ]
        return words.contains { text.contains($0) }
    }
}
