import HadalAccess
import HadalAudit
import Logging
import ServiceLifecycle

/// Looks after the audit trail as long as the server runs: copies acts into it once a second, removes once a day what
/// has passed its time, and closes it at the end. To be told to stop when no request is in progress any more.
struct AuditKeeper: Service {
    private static let day: Duration = .seconds(86_400)
    /// Where nothing can be recorded, trying it each second would only count as lost what is not.
    private static let pause = 60

    private let recorder: AuditRecorder
    private let copier: ActCopier?
    private let logger: Logger

    /// - Parameter acts: nil: acts are recorded nowhere.
    init(_ recorder: AuditRecorder, acts: AuditLog?, logger: Logger) {
        self.recorder = recorder
        self.logger = logger
        copier = acts.map { ActCopier($0, recorder) }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await look() }
        // Another server has it by now.
        guard recorder.isWriter else { return }
        do {
            try await copier?.copy()
        } catch {
            logger.error(
                "the last acts are not in the audit trail yet; they follow at the next start",
                metadata: ["error": "\(error)"])
        }
        do throws(AuditError) { try await recorder.trail.close() } catch {
            logger.error("the audit trail's end could not be signed", metadata: ["error": "\(error)"])
        }
    }

    private func look() async {
        let clock = ContinuousClock()
        var nextRemoval = clock.now
        var second = -1
        var problem: String?
        repeat {
            second += 1
            guard recorder.isWriter else { continue }
            if clock.now >= nextRemoval {
                await remove()
                nextRemoval = clock.now + Self.day
            }
            if recorder.trail.status.failure == nil || second % Self.pause == 0 { await copy(&problem) }
        } while (try? await Task.sleep(for: .seconds(1))) != nil
    }

    /// - Parameter problem: why it failed the last time; logged when it begins.
    private func copy(_ problem: inout String?) async {
        do {
            try await copier?.copy()
            problem = nil
        } catch {
            if problem == nil, recorder.isWriter {
                logger.error("acts cannot be copied into the audit trail", metadata: ["error": "\(error)"])
            }
            problem = "\(error)"
        }
    }

    private func remove() async {
        do throws(AuditError) { try await recorder.trail.applyRetention() } catch .closed {
            // Given up meanwhile.
        } catch {
            logger.error(
                "what has passed its time cannot be removed from the audit trail", metadata: ["error": "\(error)"])
        }
    }
}
