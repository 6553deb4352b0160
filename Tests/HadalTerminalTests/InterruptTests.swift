import HadalTerminal
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("Ctrl-C during an answer")
struct InterruptTests {
    @Test("Ctrl-C stops the answer, again and again, not the program; afterwards it ends the program")
    func interrupts() throws {
        let terminal = try PseudoTerminal()
        try terminal.start([PseudoTerminal.probe, "answer"])
        for _ in 1...2 {
            try terminal.expect("answering")
            terminal.send("\u{3}")
            try terminal.expect("cancelled")
            terminal.send("\u{3}")
            // Echoed when the signal has been sent.
            try terminal.expect("^C")
            terminal.signal()
            try terminal.expect("outcome: partial true")
        }
        try terminal.expect("last: whole")
        try terminal.expect("idle")
        terminal.send("\u{3}")
        #expect(try terminal.exit() == .signal(SIGINT))
    }

    @Test("errors pass where nothing was interrupted")
    func errors() async throws {
        struct Broken: Error {}
        await #expect(throws: Broken.self) { try await withInterruptHandling { throw Broken() } }
    }

    @Test("cancelling the caller cancels the work")
    func cancelled() async throws {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await withInterruptHandling {
                start.finish()
                try await Task.sleep(for: .seconds(600))
            }
        }
        for await _ in started {}
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
