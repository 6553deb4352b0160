import Foundation
import HadalState

/// The acts behind the admin API and the commands. Each checks who wants it, is done whole or not at all, and stands
/// in the audit before it counts as done; what is refused is recorded as well.
///
/// **Tenants.** Who belongs to `default` looks after all tenants. Everybody else sees and changes users, keys and
/// sessions of their own tenant alone, whatever permissions they have, and to them others are as if they were not
/// there. Roles and tenants are the installation's: only `default` makes them.
///
/// **Rank.** Nobody can give, or take over, more than they have: making a user or key with roles, setting the
/// password or resetting the second factor of somebody, and making a key for somebody need all permissions that these
/// have, or else `roles.change`, which is critical. Changing roles of somebody who is there always needs
/// `roles.change`. Nobody changes their own roles.
public final class AccessAdministration: Sendable {
    let control: AccessControl
    let audit: any AuditSink

    public init(_ control: AccessControl, audit: any AuditSink) {
        self.control = control
        self.audit = audit
    }

    /// What an act is called in the audit, and whom it concerns.
    struct Act {
        var action: String
        var target = ""
        /// To whose trail it belongs; nil: the requester's.
        var tenant: String?
        var details: [String: String] = [:]
    }

    /// What an act turns out to need, once it is known what it is done to.
    struct Plan {
        var act: Act
        /// Whether it goes beyond what the requester has.
        var needsRolesChange = false
    }

    /// Does an act.
    /// - Parameters:
    ///   - permission: nil: the act is on oneself, and `plan` says whether it may be.
    ///   - act: as it is recorded where it comes to nothing before `plan` knows more.
    ///   - plan: checks the wish against what is there, and changes nothing: it runs twice, the second time within the
    ///     transaction.
    ///   - once: what takes long, or must not happen twice, such as hashing a password or taking a code: between the two.
    ///   - change: does it, within the transaction.
    func perform<Prepared, Result>(
        _ requester: Requester, _ permission: Permission?, _ act: Act,
        plan: (Directory) throws(AccessProblem) -> Plan,
        once: (Directory) throws(AccessProblem) -> Prepared,
        change: (any StateTransaction, Directory, Prepared) throws -> Result
    ) throws(AccessProblem) -> Result {
        var act = act
        do {
            let planned = try prepare(requester, permission, plan)
            act = planned.act
            let prepared = try once(try control.directory())
            return try commit(requester, planned, plan) { try change($0, $1, prepared) }
        } catch {
            let problem = problem(error)
            record(problem, requester, act)
            throw problem
        }
    }

    /// The same where nothing has to be done once.
    func perform<Result>(
        _ requester: Requester, _ permission: Permission?, _ act: Act,
        plan: (Directory) throws(AccessProblem) -> Plan,
        change: (any StateTransaction, Directory) throws -> Result
    ) throws(AccessProblem) -> Result {
        try perform(requester, permission, act, plan: plan) { _ in
        } change: { db, directory, _ in
            try change(db, directory)
        }
    }

    private func prepare(
        _ requester: Requester, _ permission: Permission?, _ plan: (Directory) throws(AccessProblem) -> Plan
    ) throws -> Plan {
        if let permission { try authorise(requester, permission) }
        let planned = try plan(try control.directory())
        if planned.needsRolesChange, permission != .changeRoles { try authorise(requester, .changeRoles) }
        return planned
    }

    private func authorise(_ requester: Requester, _ permission: Permission) throws(AccessError) {
        try control.authorise(requester.principal, permission, code: requester.code, now: requester.now)
    }

    private func commit<Result>(
        _ requester: Requester, _ planned: Plan, _ plan: (Directory) throws(AccessProblem) -> Plan,
        _ change: (any StateTransaction, Directory) throws -> Result
    ) throws -> Result {
        try control.database.state.write { db in
            let directory = try Directory(db)
            let again = try plan(directory)
            guard planned.needsRolesChange || !again.needsRolesChange else {
                throw AccessProblem.conflict("somebody has changed it meanwhile; try again")
            }
            let result = try change(db, directory)
            try audit.record(event(requester, again.act, .done))
            return result
        }
    }

    private func problem(_ error: any Error) -> AccessProblem {
        switch error {
        case let error as AccessProblem: error
        case let error as AccessError: .refused(error)
        default: .store(AccessStoreError(error, path: control.database.url.path))
        }
    }

    /// That an act came to nothing. It is not lost on the requester when this cannot be recorded: nothing was done.
    func record(_ problem: AccessProblem, _ requester: Requester, _ act: Act) {
        var act = act
        act.details["problem"] = problem.detail
        let outcome: AuditEvent.Outcome =
            switch problem {
            case .refused, .conflict, .notFound, .invalid: .refused
            case .store: .failed
            }
        try? audit.record(event(requester, act, outcome))
    }

    func event(_ requester: Requester, _ act: Act, _ outcome: AuditEvent.Outcome) -> AuditEvent {
        var event = AuditEvent(
            time: requester.now, by: requester.principal, action: act.action, target: act.target, outcome: outcome,
            details: act.details, address: requester.address, requestID: requester.requestID)
        if let tenant = act.tenant { event.tenant = tenant }
        return event
    }

    /// What can be seen with `permission`, from memory. Looking is not recorded; being refused is.
    func look(_ requester: Requester, _ permission: Permission, _ action: String) throws(AccessProblem) -> Directory {
        do {
            try authorise(requester, permission)
            return try control.directory()
        } catch {
            let problem = AccessProblem.refused(error)
            record(problem, requester, Act(action: action))
            throw problem
        }
    }
}
