import ArgumentParser
import Foundation
import HadalGateway

struct Restart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Replace a running server with a new process, without losing an answer.",
        discussion: """
            The server on this machine that uses the data directory starts its program anew, with the arguments it was started
            with: a new version of it, and what has changed in the configuration. The new process takes the port and the models
            that are loaded; the old one finishes its answers (server.handover) and ends. Where the new one cannot serve, the old
            one goes on, and this command says why. docs/reliability.md tells what is handed over.

            Examples:
              hadal restart
              hadal restart --data /var/lib/hadal
              hadal restart --config /etc/hadal/hadal.yaml
            """)

    @OptionGroup var data: DataOption

    /// Between two looks at how far it is.
    private static let interval: Duration = .milliseconds(50)

    func run() async throws {
        let data = try data.settings().dataURL
        guard let before = try server(data), before.isRunning else {
            throw CommandFailure("no server runs with \(data.path); start one: hadal serve")
        }
        guard kill(before.process, SIGUSR2) == 0 else {
            throw CommandFailure(
                "process \(before.process) cannot be told: \(String(cString: strerror(errno))); run this as the server's user"
            )
        }
        while true {
            try await Task.sleep(for: Self.interval)
            guard let now = try server(data) else { throw CommandFailure("the server has ended; see its log") }
            if now.process != before.process {
                return print("process \(now.process) serves; process \(before.process) finishes its answers and ends")
            }
            if now.attempts > before.attempts, let reason = now.failure {
                throw CommandFailure("process \(now.process) goes on, no other took its place: \(reason)")
            }
            guard now.isRunning else {
                throw CommandFailure("process \(now.process) has ended before another one served; see its log")
            }
        }
    }

    private func server(_ data: URL) throws -> ServerFile.Contents? {
        do { return try ServerFile.read(data: data) } catch {
            throw CommandFailure("\(ServerFile.url(data: data).path): \(error)")
        }
    }
}
