import HadalAudit
import HadalJSON
import Synchronization

/// Where records go: to the trail, or to the server that has taken this one's place and writes it now. Between the two they
/// wait, so that none is lost and the trail has one writer.
final class TrailPlace: Sendable {
    fileprivate enum Writer {
        case here
        case nobody
        case relay(RequestRelay)
    }

    fileprivate struct State {
        var trail: AuditTrail
        var writer = Writer.here
        /// Nobody will say any more who writes.
        var isLeftAlone = false
        var openings = 1
        var waiting: [AsyncStream<Never>.Continuation] = []
    }

    /// Until a server that does not answer is asked again.
    private static let pause: Duration = .milliseconds(100)

    private let state: Mutex<State>
    private let open: @Sendable () throws(AuditError) -> AuditTrail

    /// - Parameter open: opens the trail to write.
    init(_ open: @escaping @Sendable () throws(AuditError) -> AuditTrail) throws(AuditError) {
        self.open = open
        state = Mutex(State(trail: try open()))
    }

    var trail: AuditTrail { state.withLock(\.trail) }
    var openings: Int { state.withLock(\.openings) }
    var isWriter: Bool {
        state.withLock { state in
            if case .here = state.writer { return true }
            return false
        }
    }

    func append(_ entry: RelayedRecord) async throws(AuditError) -> UInt64? {
        while true {
            let (writer, trail, isLeftAlone) = state.withLock { ($0.writer, $0.trail, $0.isLeftAlone) }
            switch writer {
            case .nobody where isLeftAlone: try takeBack()
            case .nobody: await moved()
            case .here:
                do throws(AuditError) {
                    return try await trail.append(
                        entry.record, input: entry.input, output: entry.output, durable: entry.isDurable)
                } catch {
                    // It was given up meanwhile: the record is not in it.
                    guard error == .closed, !isWriter else { throw error }
                }
            case .relay(let relay):
                // Also where the client has gone: what it was told is recorded.
                guard let answer = await Task(operation: { try? await relay.record(try entry.json) }).value else {
                    // It is slow, or has ended: then another one comes in its place.
                    if isLeftAlone { try takeBack() } else { await rest() }
                    continue
                }
                if let problem = answer["error"]?.string { throw .broken(cause: problem) }
                return answer["sequence"]?.int.flatMap(UInt64.init(exactly:))
            }
        }
    }

    /// Returns when somebody writes.
    private func moved() async {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        let mustWait = state.withLock { state in
            guard case .nobody = state.writer, !state.isLeftAlone else { return false }
            state.waiting.append(continuation)
            return true
        }
        guard mustWait else { return }
        await Task { for await _ in stream {} }.value
    }

    /// Also where the task is cancelled.
    private func rest() async { await Task { try? await Task.sleep(for: Self.pause) }.value }

    /// This server ends: records still go where they went, or else into the trail as soon as nobody else has it open.
    func leaveAlone() {
        let waiting = state.withLock { state in
            state.isLeftAlone = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.finish() }
    }

    func giveUp() async {
        let trail = state.withLock { state in
            state.writer = .nobody
            return state.trail
        }
        // What cannot be signed at the end is signed when the trail is opened next.
        try? await trail.close()
    }

    func takeBack() throws(AuditError) {
        let waiting = try state.withLock { state throws(AuditError) in
            // Somebody else was here first.
            if case .here = state.writer { return [AsyncStream<Never>.Continuation]() }
            state.trail = try open()
            state.openings += 1
            return state.move(to: .here)
        }
        for continuation in waiting { continuation.finish() }
    }

    func send(to relay: RequestRelay) {
        let waiting = state.withLock { $0.move(to: .relay(relay)) }
        for continuation in waiting { continuation.finish() }
    }
}

extension TrailPlace.State {
    fileprivate mutating func move(to writer: TrailPlace.Writer) -> [AsyncStream<Never>.Continuation] {
        self.writer = writer
        defer { waiting = [] }
        return waiting
    }
}
