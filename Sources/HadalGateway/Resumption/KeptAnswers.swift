import HTTPTypes
import HadalAccess
import HadalHTTP
import Hummingbird
import NIOCore
import Synchronization

/// Answers to requests with an `Idempotency-Key`: they go on for a while when their client is gone, and who asks the same
/// again under the same key gets the same answer, from its beginning or after the last event that came.
final class KeptAnswers: Sendable {
    /// Keys of different askers have nothing to do with each other.
    struct Name: Hashable {
        let asker: String
        let key: String
    }

    private struct Entry {
        let answer: KeptAnswer
        var overSince: ContinuousClock.Instant?
    }

    /// Of answers that are over, together.
    static let bytesLimit = 64 << 20
    static let keyBytesLimit = 255

    /// How long an answer goes on without anybody listening, and is kept when it is over.
    private let time: Duration
    private let entries = Mutex<[Name: Entry]>([:])

    init(time: Duration) { self.time = time }

    /// - Returns: nil where there is no key.
    static func key(of request: Request) throws(GatewayError) -> String? {
        guard let key = request.headers[.idempotencyKey] else { return nil }
        guard (1...keyBytesLimit).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .badIdempotencyKey(limit: keyBytesLimit)
        }
        return key
    }

    /// The answer under a name; where there is none yet, `make` makes it, once.
    /// - Parameter question: SHA-256 of what is asked.
    /// - Throws: `GatewayError.idempotencyKeyUsed` where something else was asked under the name.
    func answer(
        _ name: Name, question: [UInt8], _ make: @escaping @Sendable (ClientConnection) async throws -> Response
    ) throws(GatewayError) -> (answer: KeptAnswer, listener: KeptAnswer.Listener, isNew: Bool) {
        let now = ContinuousClock.now
        // Listened to before anybody else may take it for one that nobody listens to.
        let found = entries.withLock { entries -> (KeptAnswer, KeptAnswer.Listener, isNew: Bool)? in
            entries = entries.filter { $0.value.overSince.map { now - $0 < time } ?? true }
            if let answer = entries[name]?.answer {
                return answer.question == question ? (answer, answer.listen(), false) : nil
            }
            let answer = KeptAnswer(question: question)
            entries[name] = Entry(answer: answer)
            return (answer, answer.listen(), true)
        }
        guard let (answer, listener, isNew) = found else { throw .idempotencyKeyUsed }
        if isNew { Task { await run(answer, as: name, make) } }
        return (answer, listener, isNew)
    }

    private func run(
        _ answer: KeptAnswer, as name: Name, _ make: @escaping @Sendable (ClientConnection) async throws -> Response
    ) async {
        do {
            let response = try await make(answer.connection)
            let head = KeptAnswer.Head(status: response.status, headers: response.headers)
            answer.begin(.success(head))
            try await response.body.write(AnswerRecorder(answer: answer))
        } catch {
            // What failed may be asked again. A stream that failed has told so.
            answer.begin(.failure(error))
            entries.withLock { entries in
                if entries[name]?.answer === answer { entries[name] = nil }
            }
        }
        answer.finish()
        entries.withLock { entries in
            if entries[name]?.answer === answer { entries[name]?.overSince = .now }
            Self.makeRoom(in: &entries)
        }
    }

    private static func makeRoom(in entries: inout [Name: Entry]) {
        let over = entries.compactMap { name, entry in entry.overSince.map { (name, $0, entry.answer.bytes) } }
        var bytes = over.reduce(0) { $0 + $1.2 }
        for (name, _, size) in over.sorted(by: { $0.1 < $1.1 }) where bytes > bytesLimit {
            entries[name] = nil
            bytes -= size
        }
    }

    /// Stops the work for an answer that nobody listens to any more, unless somebody comes back in time.
    func leave(_ answer: KeptAnswer, _ listener: KeptAnswer.Listener) {
        answer.leave(listener)
        guard !answer.isOver, let visits = answer.visitsWhenAlone else { return }
        Task { [time] in
            try await Task.sleep(for: time)
            // Who asks from here on gets an answer of their own.
            let isLeft = entries.withLock { entries in
                guard !answer.isOver, answer.visitsWhenAlone == visits else { return false }
                if let name = entries.first(where: { $0.value.answer === answer })?.key { entries[name] = nil }
                return true
            }
            if isLeft { answer.connection.giveUp() }
        }
    }
}

extension HTTPField.Name {
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    static let lastEventID = HTTPField.Name("Last-Event-ID")!
    static let resumed = HTTPField.Name("X-Hadal-Resumed")!
}
