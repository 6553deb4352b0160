import Dispatch
import Foundation

/// Checks passwords, few at a time: each takes much memory and time, and whoever asks has shown nothing yet.
final class PasswordChecker: Sendable {
    private static let atOnce = 2
    /// Seconds that a check waits for its turn.
    private static let patience: Double = 10

    private let places = DispatchSemaphore(value: PasswordChecker.atOnce)
    private let cost: PasswordCost
    /// Takes the place of that of a user who is not there, so that it takes as long to find out.
    private let nobodys: PasswordHash

    init(_ cost: PasswordCost) throws(AccessStoreError) {
        self.cost = cost
        guard let nobodys = PasswordHash(ofNobodyWith: cost) else {
            throw .failed(path: "passwordCost", problem: "scrypt cannot be computed with these parameters")
        }
        self.nobodys = nobodys
    }

    func hash(_ password: String) throws(AccessError) -> PasswordHash {
        let made = try oneOfFew { PasswordHash(password, cost) }
        guard let made else { throw .unavailable(detail: "a password cannot be hashed") }
        return made
    }

    /// - Parameter stored: nil: nobody's, which matches nothing.
    func matches(_ password: String, _ stored: PasswordHash?) throws(AccessError) -> Bool {
        let matches = try oneOfFew { (stored ?? nobodys).matches(password) }
        return matches && stored != nil
    }

    func isOutdated(_ stored: PasswordHash) -> Bool { cost.exceeds(stored.parameters) }

    private func oneOfFew<Value>(_ work: () -> Value) throws(AccessError) -> Value {
        guard places.wait(timeout: .now() + PasswordChecker.patience) == .success else {
            throw .unavailable(detail: "too many passwords are being checked")
        }
        defer { places.signal() }
        return work()
    }
}
