import Foundation
import Synchronization

/// A worker's process, started here or by the gateway before this one. Its standard input stays open and silent: the end of
/// it, when no gateway holds it any more, tells the worker to end.
final class WorkerChild: Sendable {
    let process: Int32
    /// Where keys are written to, and its standard error; both stay this object's.
    let input: Int32
    let errors: Int32
    /// Its standard output; -1 where it has said there already that it is ready.
    let output: Int32
    /// Readable when it has ended; nil where the system has no such thing.
    let handle: Int32?
    let end: EndOfProcess
    private let borrowed: Atomic<Bool>

    /// Whether it is another gateway's still, which may go on with it: then no signal is sent to it.
    var isBorrowed: Bool { borrowed.load(ordering: .acquiring) }

    func becomesOwn() { borrowed.store(false, ordering: .releasing) }

    /// Starts one.
    /// - Throws: `POSIXError`.
    init(_ executable: String, _ arguments: [String]) throws {
        let pipes = try Descriptor.pipes(3)
        let (input, output, errors) = (pipes[0], pipes[1], pipes[2])
        defer { for end in [input.read, output.write, errors.write] { close(end) } }
        do {
            process = try Spawn.start(
                executable, arguments, descriptors: [input.read, output.write, errors.write], isGroup: true)
        } catch {
            for end in [input.write, output.read, errors.read] { close(end) }
            throw error
        }
        (self.input, self.output, self.errors) = (input.write, output.read, errors.read)
        // It has not been waited for, so that the number is its own.
        handle = Descriptor.ofProcess(process)
        end = EndOfProcess(ofChild: process)
        borrowed = Atomic(false)
    }

    /// Takes over one that another gateway has started.
    init(inherited process: Int32, input: Int32, errors: Int32, handle: Int32) {
        (self.process, self.input, self.errors, self.handle) = (process, input, errors, handle)
        output = -1
        end = EndOfProcess(of: handle)
        borrowed = Atomic(true)
    }

    deinit {
        let (descriptors, end) = ([input, output, errors, handle ?? -1], self.end)
        // A thread may still look at the last of them.
        Task {
            if descriptors[3] >= 0, descriptors[1] < 0 { _ = await end.outcome() }
            for descriptor in descriptors where descriptor >= 0 { close(descriptor) }
        }
    }

    var isRunning: Bool { !end.isOver && !(handle.map(Descriptor.hasEnded) ?? false) }

    func send(_ signal: Int32) {
        guard !isBorrowed else { return }
        end.unlessOver {
            guard handle.map({ !Descriptor.hasEnded($0) }) ?? true else { return }
            kill(process, signal)
        }
    }

    /// Tells it to end, and ends it where it has not after a while.
    func terminate(within limit: Duration) {
        send(SIGTERM)
        Task {
            try? await Task.sleep(for: limit)
            send(SIGKILL)
        }
    }

    /// - Throws: where it is gone, or does not read.
    func write(_ bytes: [UInt8]) throws {
        // One that is gone already is told by its end, and must not end this process.
        signal(SIGPIPE, SIG_IGN)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Foundation.write(input, $0.baseAddress! + done, bytes.count - done) }
            if count > 0 { done += count } else if errno != EINTR { throw Descriptor.failure }
        }
    }
}
