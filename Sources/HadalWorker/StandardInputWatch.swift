import Foundation
import ServiceLifecycle

/// Returns when standard input ends. A gateway holds the other end of that pipe and, once it has written the keys, is silent;
/// when it dies, however it dies, the pipe closes.
struct StandardInputWatch: Service {
    func run() async throws {
        let (end, continuation) = AsyncStream<Never>.makeStream()
        // A thread of its own, since the read blocks until the process ends.
        Thread.detachNewThread {
            var bytes = [UInt8](repeating: 0, count: 256)
            while true {
                let count = read(STDIN_FILENO, &bytes, bytes.count)
                if count == 0 || (count < 0 && errno != EINTR) { break }
            }
            continuation.finish()
        }
        await withGracefulShutdownHandler {
            for await _ in end {}
        } onGracefulShutdown: {
            continuation.finish()
        }
    }
}
