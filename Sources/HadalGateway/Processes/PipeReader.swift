import Foundation
import Synchronization

/// Gives what comes out of a pipe as it comes, until its other end is closed or `stop` is called: then what comes later is
/// left to who else has the pipe.
final class PipeReader: Sendable {
    let parts: AsyncStream<[UInt8]>
    /// Its methods may be called by any thread.
    nonisolated(unsafe) private let source: any DispatchSourceRead

    /// - Parameter descriptor: is closed by who gives it, after the stream has ended.
    init(_ descriptor: Int32) {
        // What is left of the pipe's bytes is not waited for.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        let (parts, output) = AsyncStream<[UInt8]>.makeStream()
        self.parts = parts
        nonisolated(unsafe) let source = DispatchSource.makeReadSource(
            fileDescriptor: descriptor, queue: DispatchQueue(label: "hadal.pipe"))
        self.source = source
        source.setEventHandler {
            var bytes = [UInt8](repeating: 0, count: 16_384)
            let count = read(descriptor, &bytes, bytes.count)
            if count > 0 {
                output.yield(Array(bytes[..<count]))
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                source.cancel()
            }
        }
        source.setCancelHandler { output.finish() }
        source.activate()
    }

    func stop() { source.cancel() }

    deinit { source.cancel() }
}
