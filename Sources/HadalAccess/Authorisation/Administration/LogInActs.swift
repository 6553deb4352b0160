import Foundation
import HadalState

extension AccessAdministration {
    /// `AccessControl.logIn`, recorded whether it succeeds or not. One that cannot be recorded does not succeed.
    public func logIn(
        name: String, password: String, code: String? = nil, address: String? = nil, requestID: String? = nil,
        now: Date = Date()
    ) throws(AccessProblem) -> NewSession {
        try recordLogIn(as: name, address, requestID, now) { () throws(AccessError) in
            try control.logIn(name: name, password: password, code: code, address: address, now: now)
        }
    }

    /// The same with a token of an issuer (OpenID Connect) in place of a password.
    public func logIn(
        token: VerifiedToken, address: String? = nil, requestID: String? = nil, now: Date = Date()
    ) throws(AccessProblem) -> NewSession {
        try recordLogIn(as: "", address, requestID, now) { () throws(AccessError) in
            try control.logIn(token: token, address: address, now: now)
        }
    }

    private func recordLogIn(
        as name: String, _ address: String?, _ requestID: String?, _ now: Date,
        _ logIn: () throws(AccessError) -> NewSession
    ) throws(AccessProblem) -> NewSession {
        let act = Act(action: "session.begin")
        func requester(_ principal: Principal) -> Requester {
            Requester(principal, address: address, requestID: requestID, now: now)
        }
        do throws(AccessError) {
            let new = try logIn()
            do {
                try audit.record(event(requester(new.principal), act, .done))
                return new
            } catch {
                try control.logOut(sessionToken: new.token)
                throw AccessError.unavailable(detail: "the log-in cannot be recorded")
            }
        } catch {
            let problem = AccessProblem.refused(error)
            record(problem, requester(stranger(name)), act)
            throw problem
        }
    }

    /// Ends the session that somebody comes with.
    public func logOut(sessionToken: String, by requester: Requester) throws(AccessProblem) {
        try perform(requester, nil, Act(action: "session.end")) { _ throws(AccessProblem) in
            Plan(act: Act(action: "session.end", target: requester.principal.id))
        } change: { db, _ in
            try control.endSession(sessionToken, db)
        }
    }

    /// Who tried to log in as somebody. Names that are nobody's are not recorded: people type passwords where names
    /// belong.
    private func stranger(_ name: String) -> Principal {
        let user = (try? control.directory())?.user(named: name)
        return Principal(
            id: "stranger", name: user.map { "as \($0.name)" } ?? "as nobody we know",
            tenant: user?.tenant ?? Principal.defaultTenant, method: .session, permissions: [])
    }
}
