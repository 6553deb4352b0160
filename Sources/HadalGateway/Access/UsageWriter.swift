import HadalAccess
import Logging
import ServiceLifecycle

/// Writes what was used each second and at the end, so that a server that is killed forgets a second at most.
struct UsageWriter: Service {
    let limiter: Limiter
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(1))) != nil { await flush() }
        }
        await flush()
    }

    private func flush() async {
        do { try await limiter.flush() } catch {
            logger.error("what was used cannot be written; it is tried again", metadata: ["error": "\(error)"])
        }
    }
}
