import Foundation
import HadalAccess
import HadalConfiguration

/// The record of acts of administration that change files of this machine and no users: under the name of who runs the
/// command, beside what a server records.
struct LocalRecord {
    let audit: AuditLog
    private let actor = Principal.local(name: NSUserName())

    /// Opened first: nothing is done where nothing can be recorded.
    /// - Parameter seal: nil for acts on the keys themselves, which are recorded in plain: also where no key opens.
    init(_ settings: HadalSettings, seal: AuditSeal?) throws {
        audit = try AuditLog(data: settings.dataURL, seal: seal)
    }

    /// Does an act and records it, or that it failed.
    /// - Parameter act: may add to what is recorded; never secrets.
    func perform<Value>(
        _ action: String, _ target: String = "", _ details: [String: String] = [:],
        _ act: (_ details: inout [String: String]) async throws -> Value
    ) async throws -> Value {
        var details = details
        let value: Value
        do {
            value = try await act(&details)
        } catch {
            details["problem"] = "\(error)"
            try? audit.record(AuditEvent(by: actor, action: action, target: target, outcome: .failed, details: details))
            throw error
        }
        do {
            try audit.record(AuditEvent(by: actor, action: action, target: target, details: details))
        } catch {
            throw CommandFailure("it is done, but could not be recorded: \(error)")
        }
        return value
    }
}
