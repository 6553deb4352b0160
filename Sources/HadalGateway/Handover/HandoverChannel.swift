import Foundation
import HadalJSON

/// What two servers tell each other while one takes the other's place: JSON values, each on a line of its own.
final class HandoverChannel: Sendable {
    /// Ends where the other server does.
    let messages: AsyncStream<JSON>
    private let descriptor: Int32
    private let reader: PipeReader

    /// - Parameter descriptor: of a socket; this object closes it.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        let reader = PipeReader(descriptor)
        self.reader = reader
        let (messages, output) = AsyncStream<JSON>.makeStream()
        self.messages = messages
        Task {
            for await line in reader.lines {
                // Both are Hadal, of perhaps different versions: what one does not know it leaves out.
                if let json = try? JSON(parsing: line) { output.yield(json) }
            }
            output.finish()
        }
    }

    deinit {
        reader.stop()
        close(descriptor)
    }

    /// Where the other server is gone, nothing happens: the end of `messages` says so.
    func send(_ message: JSON) {
        let bytes = message.bytes + [UInt8(ascii: "\n")]
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                Foundation.send(descriptor, bytes.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                done += count
            } else if errno == EAGAIN {
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard poll(&entry, 1, 10_000) == 1 else { return }
            } else if errno != EINTR {
                return
            }
        }
    }
}
