import Dispatch
import HadalPKCS11
import Synchronization

/// One session with a token, used by one caller after another on a thread of its own: calls into a token block, and may
/// take long. A session that the token has ended is opened again once.
final class SessionQueue: Sendable {
    private enum State {
        case closed
        case open(PKCS11Session)
        /// The token has said no to the PIN. Saying it again would lock the token.
        case refused(SecretsError)
    }

    private let module: PKCS11Module
    private let settings: PKCS11KeyService.Settings
    private let pin: Secret?
    private let queue = DispatchQueue(label: "hadal.pkcs11")
    private let state = Mutex<State>(.closed)

    init(module: PKCS11Module, settings: PKCS11KeyService.Settings, pin: Secret?) {
        self.module = module
        self.settings = settings
        self.pin = pin
    }

    /// - Parameter writes: in a further session that may change the token.
    func run<Success: Sendable>(
        writes: Bool = false, _ body: @escaping @Sendable (PKCS11Session) throws(PKCS11Failure) -> Success
    ) async throws(SecretsError) -> Success {
        let result: Result<Success, SecretsError> = await withCheckedContinuation { continuation in
            queue.async {
                do throws(SecretsError) {
                    continuation.resume(returning: .success(try self.runHere(writes: writes, body)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    private func runHere<Success: Sendable>(
        writes: Bool, _ body: @Sendable (PKCS11Session) throws(PKCS11Failure) -> Success
    ) throws(SecretsError) -> Success {
        // Held while the token works. Only the queue's thread takes it.
        try state.withLock { state throws(SecretsError) in
            switch try attempt(&state, writes: writes, body) {
            case .success(let value): return value
            case .failure(let failure) where failure.endsSession: state = .closed
            case .failure(let failure): throw self.error(failure)
            }
            switch try attempt(&state, writes: writes, body) {
            case .success(let value): return value
            case .failure(let failure): throw self.error(failure)
            }
        }
    }

    private func attempt<Success>(
        _ state: inout State, writes: Bool, _ body: (PKCS11Session) throws(PKCS11Failure) -> Success
    ) throws(SecretsError) -> Result<Success, PKCS11Failure> {
        let session: PKCS11Session
        switch state {
        case .open(let open): session = open
        case .refused(let error): throw error
        case .closed:
            do throws(SecretsError) {
                session = try open(writes: false)
            } catch {
                if case .serviceRefuses = error { state = .refused(error) }
                throw error
            }
            state = .open(session)
        }
        // The login is the token's, not the session's, so the first session has to stay.
        let used = writes ? try open(writes: true) : session
        do throws(PKCS11Failure) {
            return .success(try body(used))
        } catch {
            return .failure(error)
        }
    }

    private func open(writes: Bool) throws(SecretsError) -> PKCS11Session {
        let labels: [String]
        do throws(PKCS11Failure) {
            let found = try module.slot(ofToken: settings.token)
            if let slot = found.slot { return try PKCS11Session(module, slot: slot, pin: pin, writes: writes) }
            labels = found.labels
        } catch {
            throw self.error(error)
        }
        let others = labels.isEmpty ? "there is none" : "there are: \(labels.joined(separator: ", "))"
        throw .serviceUnreachable(
            service: "pkcs11", problem: "no token has the label '\(settings.token)'; \(others)")
    }

    private func error(_ failure: PKCS11Failure) -> SecretsError {
        let problem =
            "token '\(settings.token)': \(failure.text)" + (failure.advice.isEmpty ? "" : "; \(failure.advice)")
        return switch failure.code {
        case 0xA0...0xA4, 0x102: .serviceRefuses(service: "pkcs11", problem: problem)
        case 0x30, 0x32, 0xE0, 0xE1: .serviceUnreachable(service: "pkcs11", problem: problem)
        default: .serviceFails(service: "pkcs11", problem: problem)
        }
    }
}
