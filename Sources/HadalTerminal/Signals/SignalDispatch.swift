import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The process's signal handlers: each heard signal writes its number into a pipe, a queue reads it there and tells
/// who listens.
///
/// Dispatch's own signal sources do not serve: on Linux they install their handler once per signal and process, leave
/// it installed when they are cancelled, and are deaf after it was taken away.
enum SignalDispatch {
    private struct Heard {
        var listeners: [Int: @Sendable () -> Void] = [:]
        /// What the signal did before.
        var former: sigaction
    }

    private struct State {
        var heard: [Int32: Heard] = [:]
        var nextToken = 0
    }

    private static let state = Mutex(State())
    private static let queue = DispatchQueue(label: "hadal.signals")
    /// Made at the first use and kept: a handler may still be about to write.
    private static let pipe = SignalPipe()
    /// Held for ever: a source that is released hears no more.
    private static let reading: Mutex<any DispatchSourceRead> = {
        let source = DispatchSource.makeReadSource(fileDescriptor: pipe.readEnd, queue: queue)
        source.setEventHandler { tellListeners() }
        source.resume()
        return Mutex(source)
    }()

    /// On the queue.
    private static func tellListeners() {
        while let number = pipe.next() {
            let listeners = state.withLock { state in state.heard[number].map { Array($0.listeners.values) } ?? [] }
            for listener in listeners { listener() }
        }
    }

    /// - Returns: a token for `endHearing`, or `nil` if the signal is ignored and should stay so.
    static func hear(_ number: Int32, _ listener: @escaping @Sendable () -> Void) -> Int? {
        reading.withLock { _ in }
        return state.withLock { state in
            let token = state.nextToken
            if state.heard[number] == nil {
                var former = sigaction()
                guard sigaction(number, nil, &former) == 0, !isIgnored(former) else { return nil }
                state.heard[number] = Heard(former: former)
                // Before the handler is there, so that no signal comes to nobody.
                state.heard[number]!.listeners[token] = listener
                var action = sigaction()
                setHandler(writeSignalToPipe, of: &action)
                action.sa_flags = Int32(SA_RESTART)
                sigaction(number, &action, nil)
            } else {
                state.heard[number]!.listeners[token] = listener
            }
            state.nextToken += 1
            return token
        }
    }

    static func endHearing(_ number: Int32, _ token: Int) {
        let isHeard = state.withLock { state in
            guard let heard = state.heard[number], heard.listeners[token] != nil else { return false }
            if heard.listeners.count == 1 {
                var former = heard.former
                sigaction(number, &former, nil)
            }
            return true
        }
        guard isHeard else { return }
        // A signal that came just before is still for this listener, not for the next.
        queue.sync { tellListeners() }
        state.withLock { state in
            state.heard[number]?.listeners[token] = nil
            if state.heard[number]?.listeners.isEmpty == true { state.heard[number] = nil }
        }
    }

    /// Lets a signal have, once, the effect it had before it was heard.
    static func deliver(_ number: Int32) {
        let former = state.withLock { state in state.heard[number]?.former }
        guard var former else { return raiseHere(number) }
        var hearing = sigaction()
        sigaction(number, &former, &hearing)
        raiseHere(number)
        sigaction(number, &hearing, nil)
    }

    /// Sends a signal to this thread, which has had its effect when this returns. Dispatch's threads block signals.
    static func raiseHere(_ number: Int32) {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, number)
        var former = sigset_t()
        pthread_sigmask(SIG_UNBLOCK, &set, &former)
        raise(number)
        pthread_sigmask(SIG_SETMASK, &former, nil)
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        #if canImport(Glibc)
            let handler = action.__sigaction_handler.sa_handler
        #else
            let handler = action.__sigaction_u.__sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private static func setHandler(_ handler: @escaping @convention(c) (Int32) -> Void, of action: inout sigaction) {
        #if canImport(Glibc)
            action.__sigaction_handler.sa_handler = handler
        #else
            action.__sigaction_u.__sa_handler = handler
        #endif
    }
}

/// The pipe between the signal handler and the queue.
private struct SignalPipe: Sendable {
    let readEnd: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "no pipe for signals: \(systemMessage(errno))")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            // A handler must not wait; a full pipe has told enough.
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        readEnd = ends[0]
        signalPipeWriteEnd = ends[1]
    }

    /// The next signal that came, if any.
    func next() -> Int32? {
        var byte: UInt8 = 0
        return read(readEnd, &byte, 1) == 1 ? Int32(byte) : nil
    }
}

/// For the signal handler alone, which can reach nothing but globals; set once, before the first handler is installed.
nonisolated(unsafe) private var signalPipeWriteEnd: Int32 = -1

/// Runs inside the signal handler: only calls that POSIX allows there.
private func writeSignalToPipe(_ number: Int32) {
    let code = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(signalPipeWriteEnd, &byte, 1)
    errno = code
}
