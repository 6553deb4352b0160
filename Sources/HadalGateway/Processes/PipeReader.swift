import Foundation
import NIOCore
import NIOPosix

/// Gives what comes out of a pipe as it comes, until its other end is closed or `stop` is called: then what comes later is
/// left to who else has the pipe.
///
/// Dispatch's sources do not serve: on Linux the memory in which they keep a pipe may be read after it was freed, when the
/// pipe ends (swift-corelibs-libdispatch#949).
final class PipeReader: Sendable {
    let parts: AsyncStream<[UInt8]>
    private let channel: EventLoopFuture<any Channel>?

    /// - Parameter pipe: or a socket; stays the caller's. Where no more files can be opened, nothing comes out of it.
    init(_ pipe: Int32) {
        // One of its own: the caller may close the pipe before this ends.
        let descriptor = fcntl(pipe, F_DUPFD_CLOEXEC, 0)
        let (parts, output) = AsyncStream<[UInt8]>.makeStream()
        self.parts = parts
        guard descriptor >= 0 else {
            output.finish()
            channel = nil
            return
        }
        let channel = NIOPipeBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Receiver(output))
                }
            }
            .takingOwnershipOfDescriptor(input: descriptor)
        // NIO has not taken the descriptor: what fails is the making of the channel, before it is set up.
        channel.whenFailure { _ in
            close(descriptor)
            output.finish()
        }
        self.channel = channel
    }

    func stop() { channel?.whenSuccess { $0.close(promise: nil) } }

    deinit { stop() }

    private final class Receiver: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let output: AsyncStream<[UInt8]>.Continuation

        init(_ output: AsyncStream<[UInt8]>.Continuation) { self.output = output }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            output.yield(Array(buffer: unwrapInboundIn(data)))
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func handlerRemoved(context: ChannelHandlerContext) { output.finish() }
    }
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
