import Foundation

/// Waits for the end of a process that need not be a child of this one.
enum ProcessEnd {
    /// Returns when the process has ended; false where it has not within a minute.
    static func wait(_ process: Int32) async -> Bool {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                // A descriptor that is readable once the process has ended. Swift's Glibc does not import the call.
                typealias Open = @convention(c) (pid_t, UInt32) -> Int32
                let open = unsafeBitCast(dlsym(nil, "pidfd_open"), to: Open.self)
                let descriptor = open(process, 0)
                guard descriptor >= 0 else { return continuation.resume(returning: errno == ESRCH) }
                defer { close(descriptor) }
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                continuation.resume(returning: poll(&entry, 1, 60_000) == 1)
            }
        }
    }
}
