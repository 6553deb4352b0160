import Synchronization

/// From where requests may come.
public struct AddressRules: Sendable, Hashable {
    /// In one list. Each check looks at all of them.
    public static let rangesLimit = 4096

    /// Empty: everybody.
    public let allow: [AddressRange]
    /// Wins over `allow`.
    public let deny: [AddressRange]

    /// Everybody.
    public static let all = AddressRules()

    private init() { (allow, deny) = ([], []) }

    /// - Throws: `LimitError.badRange`, `.tooManyRanges`.
    public init(allow: [String] = [], deny: [String] = []) throws(LimitError) {
        self.allow = try AddressRange.list(allow)
        self.deny = try AddressRange.list(deny)
    }

    /// - Complexity: O(number of ranges), without allocation.
    public func allows(_ address: IPAddress) -> Bool {
        for range in deny where range.contains(address) { return false }
        if allow.isEmpty { return true }
        for range in allow where range.contains(address) { return true }
        return false
    }
}

/// The rules of the whole server, of tenants and of keys. A request must satisfy all that are about it.
public final class AddressGuard: Sendable {
    /// Whom rules are about.
    public enum Subject: Sendable, Hashable {
        case tenant(String)
        /// By its id.
        case key(String)
    }

    private struct Rules {
        var server: AddressRules
        var subjects: [Subject: AddressRules]
    }

    private let rules: Mutex<Rules>

    public init(server: AddressRules = .all, subjects: [Subject: AddressRules] = [:]) {
        rules = Mutex(Rules(server: server, subjects: subjects))
    }

    /// Takes the place of all earlier rules.
    public func use(server: AddressRules, subjects: [Subject: AddressRules]) {
        rules.withLock { $0 = Rules(server: server, subjects: subjects) }
    }

    /// Before anything else is looked at.
    /// - Throws: `AccessError.addressNotAllowed`.
    public func check(_ address: IPAddress) throws(AccessError) {
        guard rules.withLock({ $0.server.allows(address) }) else { throw .addressNotAllowed("\(address)") }
    }

    /// Once it is known who asks.
    /// - Throws: `AccessError.addressNotAllowed`.
    public func check(_ address: IPAddress, for principal: Principal) throws(AccessError) {
        let isAllowed = rules.withLock { rules in
            guard !rules.subjects.isEmpty else { return true }
            if let tenant = rules.subjects[.tenant(principal.tenant)], !tenant.allows(address) { return false }
            guard let id = principal.keyID, let key = rules.subjects[.key(id)] else { return true }
            return key.allows(address)
        }
        guard isAllowed else { throw .addressNotAllowed("\(address)") }
    }
}
