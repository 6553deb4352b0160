import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Hears signals while it lives, instead of what they would do otherwise; afterwards all is as before.
///
/// A signal the program was told to ignore from outside (`nohup`, a shell's background job) stays ignored.
final class SignalWatch: Sendable {
    private let sources: Mutex<[(signal: Int32, source: any DispatchSourceSignal)]>

    /// Returns when all signals are heard. `handle` is called on a queue, not inside a signal handler, so it may do
    /// anything.
    init(_ signals: [Int32], handle: @escaping @Sendable (Int32) -> Void) {
        let queue = DispatchQueue(label: "hadal.signals")
        var sources: [(signal: Int32, source: any DispatchSourceSignal)] = []
        for number in signals where SignalDisposition.claim(number) {
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            let registered = DispatchSemaphore(value: 0)
            source.setRegistrationHandler { registered.signal() }
            source.setEventHandler { handle(number) }
            source.resume()
            registered.wait()
            sources.append((number, source))
        }
        self.sources = Mutex(sources)
    }

    deinit { stop() }

    /// Ends the watch and gives the signals back their former effect. Must not be called from `handle`.
    func stop() {
        sources.withLock { sources in
            for (number, source) in sources {
                let cancelled = DispatchSemaphore(value: 0)
                source.setCancelHandler { cancelled.signal() }
                source.cancel()
                cancelled.wait()
                SignalDisposition.release(number)
            }
            sources = []
        }
    }
}

/// What the process does on a signal, changed while at least one watch hears it.
///
/// Dispatch installs handlers of its own on Linux but does not take them away; on Apple systems it needs the signal
/// ignored. Ignoring it first closes the gap in which it would still end the program.
enum SignalDisposition {
    private struct Claim {
        var watches: Int
        var former: sigaction
    }

    private static let claims = Mutex<[Int32: Claim]>([:])

    /// - Returns: `false` if the signal is ignored and should stay so.
    static func claim(_ number: Int32) -> Bool {
        claims.withLock { claims in
            if claims[number] != nil {
                claims[number]!.watches += 1
                return true
            }
            var former = sigaction()
            guard sigaction(number, nil, &former) == 0, !isIgnored(former) else { return false }
            claims[number] = Claim(watches: 1, former: former)
            signal(number, SIG_IGN)
            return true
        }
    }

    static func release(_ number: Int32) {
        claims.withLock { claims in
            guard var claim = claims[number] else { return }
            claim.watches -= 1
            claims[number] = claim.watches > 0 ? claim : nil
            if claim.watches == 0 { sigaction(number, &claim.former, nil) }
        }
    }

    /// Lets a signal have, once, the effect it had before it was watched.
    static func deliver(_ number: Int32) {
        let former = claims.withLock { claims in claims[number]?.former }
        guard var former else { return }
        var watching = sigaction()
        sigaction(number, &former, &watching)
        kill(getpid(), number)
        sigaction(number, &watching, nil)
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        #if canImport(Glibc)
            let handler = action.__sigaction_handler.sa_handler
        #else
            let handler = action.__sigaction_u.__sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
