import Foundation
import HadalState

/// Who there is and what they may, as it stood in the database at one moment. Requests are answered from it.
struct Directory: Sendable {
    /// A key with what its secret is checked by.
    struct KeyEntry: Sendable {
        var key: APIKey
        var hash: Data
        var previousHash: Data?
    }

    private(set) var tenants: [String: Tenant] = [:]
    private(set) var roles = Dictionary(uniqueKeysWithValues: RoleMatrix.roles.map { ($0.name, $0) })
    /// By id.
    private(set) var users: [String: User] = [:]
    private var userIDs: [String: String] = [:]
    private var linked: [IdentityLink: String] = [:]
    /// By prefix.
    private(set) var keys: [String: KeyEntry] = [:]
    private var prefixes: [String: String] = [:]

    init(_ db: any StateTransaction) throws {
        for row in try db.rows("SELECT * FROM tenants") {
            let tenant = try Tenant(row)
            tenants[tenant.name] = tenant
        }
        for row in try db.rows("SELECT * FROM roles") {
            let role = try Role(row)
            roles[role.name] = role
        }
        try readUsers(db)
        for row in try db.rows("SELECT keys.*, time FROM keys LEFT JOIN key_uses ON key_id = id") {
            let key = try APIKey(row)
            keys[key.prefix] = KeyEntry(
                key: key, hash: try row.blob("hash"),
                previousHash: try row.optionalBlob("previous_hash"))
            prefixes[key.id] = key.prefix
        }
    }

    private mutating func readUsers(_ db: any StateTransaction) throws {
        var links: [String: Set<IdentityLink>] = [:]
        for row in try db.rows("SELECT * FROM links") {
            let link = try IdentityLink(row)
            let id = try row.text("user_id")
            links[id, default: []].insert(link)
            linked[link] = id
        }
        let withFactor = Set(
            try db.rows("SELECT user_id FROM second_factors WHERE secret IS NOT NULL").map { try $0.text("user_id") })
        for row in try db.rows("SELECT * FROM users") {
            let id = try row.text("id")
            let user = try User(row, links: links[id] ?? [], hasSecondFactor: withFactor.contains(id))
            users[id] = user
            userIDs[user.name.lowercased()] = id
        }
    }

    func user(named name: String) -> User? { userIDs[name.lowercased()].flatMap { users[$0] } }

    func user(linked link: IdentityLink) -> User? { linked[link].flatMap { users[$0] } }

    func key(id: String) -> KeyEntry? { prefixes[id].flatMap { keys[$0] } }

    /// Whether nobody was ever given a way in.
    var isEmpty: Bool { users.isEmpty && keys.isEmpty }
}
