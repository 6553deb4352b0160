import Foundation

/// Who wants an act of administration done, and what came with the wish.
public struct Requester: Sendable {
    public var principal: Principal
    /// Of the second factor, for critical acts.
    public var code: String?
    /// For the audit.
    public var address: String?
    public var requestID: String?
    public var now: Date

    public init(
        _ principal: Principal, code: String? = nil, address: String? = nil, requestID: String? = nil,
        now: Date = Date()
    ) {
        self.principal = principal
        self.code = code
        self.address = address
        self.requestID = requestID
        self.now = now
    }
}
