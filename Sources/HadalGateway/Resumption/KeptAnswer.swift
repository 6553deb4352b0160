import HTTPTypes
import HadalHTTP
import NIOCore
import Synchronization

/// An answer that does not depend on whether its client is there: what came so far, for everybody who listens.
final class KeptAnswer: Sendable {
    struct Head: Sendable {
        var status: HTTPResponse.Status
        var headers: HTTPFields

        var isOfEvents: Bool { headers[.contentType]?.hasPrefix("text/event-stream") == true }
    }

    /// Somebody who is told of each change. It must `leave`.
    struct Listener: Sendable {
        let id: Int
        let changes: AsyncStream<Void>
    }

    private struct State {
        var head: Result<Head, any Error>?
        var pieces: [ByteBuffer] = []
        /// Of the pieces together.
        var bytes = 0
        /// The beginning of an event.
        var rest: [UInt8] = []
        var isOver = false
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
        /// How many there have been.
        var arrivals = 0

        mutating func add(_ piece: ByteBuffer) {
            pieces.append(piece)
            bytes += piece.readableBytes
        }
    }

    /// What the work is done for, in place of a client.
    let connection = ClientConnection()
    /// SHA-256 of what was asked.
    let question: [UInt8]
    private let state = Mutex(State())

    init(question: [UInt8]) { self.question = question }

    // MARK: what comes

    func begin(_ head: Result<Head, any Error>) { change { $0.head = $0.head ?? head } }

    /// Events of a stream become pieces with numbers as their ids, so that a client can say which was the last that it got;
    /// all else stays as it is.
    func append(_ bytes: ByteBuffer) {
        change { state in
            guard case .success(let head) = state.head, head.isOfEvents else { return state.add(bytes) }
            for byte in bytes.readableBytesView {
                let endsEvent = byte == UInt8(ascii: "\n") && state.rest.last == byte
                state.rest.append(byte)
                guard endsEvent else { continue }
                let id = Array("id: \(state.pieces.count + 1)\n".utf8)
                state.add(ByteBuffer(bytes: id + state.rest))
                state.rest = []
            }
        }
    }

    func finish() { change { $0.isOver = true } }

    private func change(_ change: (inout State) -> Void) {
        let listeners = state.withLock { state in
            change(&state)
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.yield() }
    }

    // MARK: who listens

    var isOver: Bool { state.withLock(\.isOver) }
    var bytes: Int { state.withLock(\.bytes) }

    /// How many have listened; nil where somebody does now.
    var visitsWhenAlone: Int? { state.withLock { $0.listeners.isEmpty ? $0.arrivals : nil } }

    func listen() -> Listener {
        let (changes, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        continuation.yield()
        return state.withLock { state in
            state.arrivals += 1
            state.listeners[state.arrivals] = continuation
            return Listener(id: state.arrivals, changes: changes)
        }
    }

    func leave(_ listener: Listener) { state.withLock { $0.listeners[listener.id] = nil } }

    /// - Throws: what the answer failed with before it had a head.
    func head(for listener: Listener) async throws -> Head {
        for await _ in listener.changes {
            if let head = state.withLock(\.head) { return try head.get() }
        }
        throw CancellationError()
    }

    /// Gives all pieces after the first ones until there are no more, or the task is cancelled.
    func forEachPiece(after count: Int, for listener: Listener, _ body: (ByteBuffer) async throws -> Void) async throws
    {
        var next = count
        // The change that told of the head may have been the last.
        var changes = listener.changes.makeAsyncIterator()
        while !Task.isCancelled {
            let (pieces, isOver) = state.withLock { ($0.pieces.dropFirst(next), $0.isOver) }
            next += pieces.count
            for piece in pieces { try await body(piece) }
            if isOver, pieces.isEmpty { return }
            if pieces.isEmpty { guard await changes.next() != nil else { return } }
        }
    }
}
