import Foundation
import HadalTerminal

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

// A program for the tests to run under a pseudo-terminal.

func say(_ text: String) {
    try! Terminal.standardOutput.write(text + "\n")
}

/// Reads inputs until the end; `exit` and `fail` end the program in the midst of the next.
func edit(history: String?) async throws {
    let editor = LineEditor(history: History(file: history))
    while true {
        switch try await editor.read() {
        case .text("exit"):
            // The message is the sign that the next input is being edited.
            Task { try await editor.read(prompt: "exiting> ") }
            await Terminal.waitForLine()
            exit(3)
        case .text("cancel"):
            let task = Task { try await editor.read(prompt: "cancelling> ") }
            await Terminal.waitForLine()
            task.cancel()
            do {
                _ = try await task.value
            } catch is CancellationError {
                say("cancelled")
            }
        case .text(let text): say("got: " + String(decoding: try! JSONEncoder().encode(text), as: UTF8.self))
        case .interrupted: say("interrupted")
        case .endOfInput:
            say("end")
            return
        }
    }
}

extension Terminal {
    /// Waits for a line on descriptor 3, which the test sends when it has seen enough.
    static func waitForLine() async {
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            DispatchQueue.global().async {
                var byte: UInt8 = 0
                while read(3, &byte, 1) == 1, byte != 10 {}
                done.resume()
            }
        }
    }
}

/// Waits until no signal sent to the process still lies before a thread that has not run since.
func waitForSignalsToArrive() async {
    #if canImport(Glibc)
        while let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            !status.contains("ShdPnd:\t0000000000000000")
        {
            await Task.yield()
        }
    #endif
}

/// Two answers that Ctrl-C stops, one that ends by itself, then a wait that Ctrl-C ends with the program.
func answer() async throws {
    for _ in 1...2 {
        let outcome = try await withInterruptHandling {
            say("answering")
            do {
                try await Task.sleep(for: .seconds(600))
                return "whole"
            } catch {
                say("cancelled")
                // The test sends a second Ctrl-C now.
                await Terminal.waitForLine()
                await waitForSignalsToArrive()
                return "partial \(Task.isCancelled)"
            }
        }
        say("outcome: \(outcome)")
    }
    let last = try await withInterruptHandling { "whole" }
    say("last: \(last)")
    say("idle")
    try await Task.sleep(for: .seconds(600))
}

/// Asks for secrets until there are none, and says how long they are.
func askSecrets() throws {
    while let secret = try SecretPrompt(output: .standardOutput).ask("secret: ") { say("bytes: \(secret.utf8.count)") }
    say("end")
}

switch CommandLine.arguments.dropFirst().first {
case "edit": try await edit(history: CommandLine.arguments.dropFirst(2).first)
case "answer": try await answer()
case "secret": try askSecrets()
default: exit(2)
}
