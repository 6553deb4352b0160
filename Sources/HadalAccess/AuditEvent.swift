import Foundation

/// An act that somebody may have to account for.
public struct AuditEvent: Sendable, Hashable {
    public enum Outcome: String, Sendable, Hashable { case done, refused, failed }

    public var time: Date
    /// `Principal.id` and `name`.
    public var actor: String
    public var actorName: String
    /// To whose trail it belongs: the tenant of what was acted on, or else the actor's.
    public var tenant: String
    /// What was done to what: `key.create`, `key:9a…`.
    public var action: String
    public var target: String
    public var outcome: Outcome
    /// Further facts, never secrets.
    public var details: [String: String]
    /// Where the request came from, where there was one.
    public var address: String?
    public var requestID: String?

    init(
        time: Date, actor: String, actorName: String, tenant: String, action: String, target: String, outcome: Outcome,
        details: [String: String], address: String?, requestID: String?
    ) {
        self.time = time
        self.actor = actor
        self.actorName = actorName
        self.tenant = tenant
        self.action = action
        self.target = target
        self.outcome = outcome
        self.details = details
        self.address = address
        self.requestID = requestID
    }

    public init(
        time: Date = Date(), by principal: Principal, action: String, target: String = "", outcome: Outcome = .done,
        details: [String: String] = [:], address: String? = nil, requestID: String? = nil
    ) {
        self.init(
            time: time, actor: principal.id, actorName: principal.name, tenant: principal.tenant, action: action,
            target: target, outcome: outcome, details: details, address: address, requestID: requestID)
    }
}

/// Where acts are recorded before they count as done. An act that cannot be recorded does not take place.
public protocol AuditSink: Sendable {
    func record(_ event: AuditEvent) throws
}
