import Foundation

/// File descriptors that no started process inherits unless they are given to it.
enum Descriptor {
    /// All of them or none.
    /// - Throws: `POSIXError`.
    static func pipes(_ count: Int) throws -> [(read: Int32, write: Int32)] {
        var pipes: [(read: Int32, write: Int32)] = []
        for _ in 0..<count {
            var ends: [Int32] = [-1, -1]
            guard Foundation.pipe(&ends) == 0 else {
                let failure = failure
                for pipe in pipes { for end in [pipe.read, pipe.write] { close(end) } }
                throw failure
            }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            pipes.append((ends[0], ends[1]))
        }
        return pipes
    }

    /// Two ends of a connection; both ways.
    static func socketPair() throws -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        #if os(Linux)
            let type = Int32(SOCK_STREAM.rawValue)
        #else
            let type = SOCK_STREAM
        #endif
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw failure }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// One that is readable once the process has ended, whatever becomes of its number; nil where the system has none
    /// (Linux has from 5.3 on).
    static func ofProcess(_ process: Int32) -> Int32? {
        typealias Open = @convention(c) (pid_t, UInt32) -> Int32
        // Swift's Glibc does not import the call.
        guard let symbol = dlsym(nil, "pidfd_open") else { return nil }
        let descriptor = unsafeBitCast(symbol, to: Open.self)(process, 0)
        return descriptor >= 0 ? descriptor : nil
    }

    /// Waits in this thread until the process has ended.
    static func awaitEnd(of descriptor: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&entry, 1, -1) < 0, errno == EINTR {}
    }

    static func hasEnded(_ descriptor: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 1
    }

    static var failure: POSIXError { POSIXError(.init(rawValue: errno) ?? .EIO) }
}
