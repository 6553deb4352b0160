import Foundation
import Synchronization

/// Gives what comes out of a pipe as it comes, until its other end is closed or `stop` is called: then what comes later is
/// left to who else has the pipe.
final class PipeReader: Sendable {
    let parts: AsyncStream<[UInt8]>
    /// Its methods may be called by any thread.
    nonisolated(unsafe) private let source: (any DispatchSourceRead)?

    /// - Parameter pipe: stays the caller's. Where no more files can be opened, nothing comes out of it.
    init(_ pipe: Int32) {
        // One of its own: of the caller's, once closed, the number may be that of a client's connection, from which the
        // source would still read.
        let descriptor = fcntl(pipe, F_DUPFD_CLOEXEC, 0)
        let (parts, output) = AsyncStream<[UInt8]>.makeStream()
        self.parts = parts
        guard descriptor >= 0 else {
            output.finish()
            source = nil
            return
        }
        // What is left of the pipe's bytes is not waited for.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        nonisolated(unsafe) let source = DispatchSource.makeReadSource(
            fileDescriptor: descriptor, queue: DispatchQueue(label: "hadal.pipe"))
        self.source = source
        source.setEventHandler {
            // All of it: after the other end is closed, nothing calls this again.
            var bytes = [UInt8](repeating: 0, count: 16_384)
            while !source.isCancelled {
                let count = read(descriptor, &bytes, bytes.count)
                if count > 0 {
                    output.yield(Array(bytes[..<count]))
                } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                    return source.cancel()
                } else if errno == EAGAIN {
                    return
                }
            }
        }
        source.setCancelHandler {
            close(descriptor)
            output.finish()
        }
        source.activate()
    }

    func stop() { source?.cancel() }

    deinit { source?.cancel() }
}

extension PipeReader {
    /// What comes, line by line, without their ends. What has no end is not given.
    var lines: Lines { Lines(parts: parts) }

    struct Lines: AsyncSequence, Sendable {
        typealias Element = [UInt8]
        typealias Failure = Never
        fileprivate let parts: AsyncStream<[UInt8]>

        func makeAsyncIterator() -> Iterator { Iterator(parts: parts.makeAsyncIterator()) }

        struct Iterator: AsyncIteratorProtocol {
            fileprivate var parts: AsyncStream<[UInt8]>.Iterator
            private var begun: [UInt8] = []

            fileprivate init(parts: AsyncStream<[UInt8]>.Iterator) { self.parts = parts }

            mutating func next(isolation actor: isolated (any Actor)?) async -> [UInt8]? {
                while true {
                    if let end = begun.firstIndex(of: UInt8(ascii: "\n")) {
                        defer { begun.removeSubrange(...end) }
                        return Array(begun[..<end])
                    }
                    guard let part = await parts.next(isolation: actor) else { return nil }
                    begun += part
                }
            }
        }
    }
}
