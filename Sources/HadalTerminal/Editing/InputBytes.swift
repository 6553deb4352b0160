#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Bytes from a file descriptor, with a bell that wakes who waits for them.
final class InputBytes: Sendable {
    enum Event: Equatable {
        case bytes([UInt8])
        case end
        case timeout
        case rung(Bell)
    }

    /// Why someone waiting is woken.
    enum Bell: UInt8 {
        case resized, resumed, cancelled, terminated
    }

    private static let readBytesMax = 64 << 10

    private let descriptor: Int32
    private let bellRead: Int32
    private let bellWrite: Int32

    init(_ descriptor: Int32) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TerminalError.system(call: "pipe", descriptor: descriptor, code: errno) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        self.descriptor = descriptor
        (bellRead, bellWrite) = (ends[0], ends[1])
    }

    deinit {
        close(bellRead)
        close(bellWrite)
    }

    /// Wakes the reader, now or when it next waits. A full pipe has rung enough.
    func ring(_ bell: Bell) {
        var byte = bell.rawValue
        _ = write(bellWrite, &byte, 1)
    }

    /// Waits for bytes, the bell, or the time.
    func next(timeoutMilliseconds: Int32 = -1) throws -> Event {
        while true {
            var waiting = [
                pollfd(fd: bellRead, events: Int16(POLLIN), revents: 0),
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&waiting, nfds_t(waiting.count), timeoutMilliseconds)
            if ready < 0 {
                if errno == EINTR { continue }
                throw TerminalError.system(call: "poll", descriptor: descriptor, code: errno)
            }
            if ready == 0 { return .timeout }
            if waiting[0].revents != 0 {
                var byte: UInt8 = 0
                if read(bellRead, &byte, 1) == 1, let bell = Bell(rawValue: byte) { return .rung(bell) }
                continue
            }
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: Self.readBytesMax) { buffer, count in
                let got = read(descriptor, buffer.baseAddress, buffer.count)
                if got < 0 { failure = errno }
                count = max(0, got)
            }
            switch failure {
            case 0: return bytes.isEmpty ? .end : .bytes(bytes)
            case EINTR, EAGAIN: continue
            // The terminal's window was closed.
            case EIO: return .end
            default: throw TerminalError.system(call: "read", descriptor: descriptor, code: failure)
            }
        }
    }
}
