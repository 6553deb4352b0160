import HadalJSON
import HadalWire
import Hummingbird
import NIOCore
import NIOHTTPTypes
import Synchronization

/// A streamed answer's way to its client. A `send` returns once the connection takes more, so that a client who reads slowly
/// costs no memory; where nobody reads any more it does nothing.
public struct ReplyStream: Sendable {
    /// What is sent whenever nothing else was for a while.
    public struct KeepAlive: Sendable {
        public var interval: Duration
        public var sign: ServerSentEvent

        public init(every interval: Duration, _ sign: ServerSentEvent = ServerSentEvent(comment: "keep-alive")) {
            self.interval = interval
            self.sign = sign
        }
    }

    private let writer: SharedWriter
    private let connection: ClientConnection
    private let pulse: Pulse?

    init(_ writer: any ResponseBodyWriter, _ connection: ClientConnection, _ keepAlive: KeepAlive?) {
        self.writer = SharedWriter(writer: writer)
        self.connection = connection
        pulse = keepAlive.flatMap { Pulse($0, connection) }
    }

    public func send(_ event: ServerSentEvent) async { await write(event.text) }

    /// Together, where there are several at the same time.
    public func send(_ events: [ServerSentEvent]) async {
        if !events.isEmpty { await write(events.map(\.text).joined()) }
    }

    /// On a line of its own.
    public func send(line: JSON) async { await write(line.text + "\n") }

    /// As it is.
    public func send(piece: ByteBuffer) async { await write(piece) }

    /// Does so although the task is cancelled, in which `send` does nothing.
    public func sendLast(_ events: [ServerSentEvent]) async { await writeLast(events.map(\.text).joined()) }

    public func sendLast(line: JSON) async { await writeLast(line.text + "\n") }

    func finish() async throws {
        pulse?.stop()
        try await writer.writer.finish(nil)
    }

    private func write(_ text: String) async { await write(ByteBuffer(string: text)) }

    private func write(_ bytes: ByteBuffer) async {
        pulse?.beat()
        // Who went away is noticed by the connection's watch, which ends the work.
        try? await writer.write(bytes)
    }

    private func writeLast(_ text: String) async {
        await Task(executorPreference: connection.executor) { try? await writer.write(ByteBuffer(string: text)) }.value
    }
}

/// The server's writer passes on what several tasks write, each piece whole.
private struct SharedWriter: @unchecked Sendable {
    let writer: any ResponseBodyWriter

    func write(_ bytes: ByteBuffer) async throws {
        var writer = writer
        try await writer.write(bytes)
    }
}

/// Writes a sign of life whenever nothing else was written for a while.
private final class Pulse: Sendable {
    private let written = Atomic(0)
    private let isOver = Atomic(false)
    private let timer = Mutex<RepeatedTask?>(nil)

    /// - Returns: nil where there is no channel to write to.
    init?(_ keepAlive: ReplyStream.KeepAlive, _ connection: ClientConnection) {
        guard let channel = connection.channel else { return nil }
        let interval = TimeAmount(keepAlive.interval)
        let sign = HTTPResponsePart.body(ByteBuffer(string: keepAlive.sign.text))
        let seen = Atomic(0)
        let task = channel.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] _ in
            guard let self, !isOver.load(ordering: .acquiring) else { return }
            let now = written.load(ordering: .relaxed)
            // Who does not read needs no signs.
            if seen.exchange(now, ordering: .relaxed) == now, channel.isWritable {
                channel.writeAndFlush(sign, promise: nil)
            }
        }
        timer.withLock { $0 = task }
    }

    func beat() { written.wrappingAdd(1, ordering: .relaxed) }

    /// The timer runs on the thread that writes: what is written after this comes after every sign.
    func stop() {
        isOver.store(true, ordering: .releasing)
        timer.withLock { $0?.cancel() }
    }

    deinit { stop() }
}
