import HadalAudit
import HadalHTTP
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
        var waiting = WaitingList()
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
        let stream = state.withLock { state -> AsyncStream<Never>? in
            guard case .nobody = state.writer, !state.isLeftAlone else { return nil }
            return state.waiting.join()
        }
        guard let stream else { return }
        await Task { for await _ in stream {} }.value
    }

    /// Also where the task is cancelled.
    private func rest() async { await Task { try? await Task.sleep(for: Self.pause) }.value }

    /// This server ends: records still go where they went, or else into the trail as soon as nobody else has it open.
    func leaveAlone() {
        state.withLock { state in
            state.isLeftAlone = true
            state.waiting.wakeAll()
        }
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
        try state.withLock { state throws(AuditError) in
            // Somebody else was here first.
            if case .here = state.writer { return }
            state.trail = try open()
            state.openings += 1
            state.move(to: .here)
        }
    }

    func send(to relay: RequestRelay) {
        state.withLock { $0.move(to: .relay(relay)) }
    }
}

extension TrailPlace.State {
    fileprivate mutating func move(to writer: TrailPlace.Writer) {
        self.writer = writer
        waiting.wakeAll()
    }
}
