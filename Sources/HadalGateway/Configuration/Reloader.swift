import HadalConfiguration
import Logging
import ServiceLifecycle
import UnixSignals

/// Reads the configuration again when the process is told to (SIGHUP), and takes it over whole or not at all.
struct Reloader: Service {
    let watch: ConfigurationWatch
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() { reload() }
    }

    private func reload() {
        do {
            let changes = try watch.reload()
            let waiting = changes.filter { $0.change == .restart }.map(\.path)
            logger.notice(
                "the configuration was read again",
                metadata: ["changes": "\(changes.count)", "need a restart": "\(waiting.joined(separator: " "))"])
        } catch {
            logger.error("the configuration is wrong, the old one goes on counting", metadata: ["problem": "\(error)"])
        }
    }
}
