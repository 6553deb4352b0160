/// Users' names by their ids, as they were at one moment. Whoever has been given an id may know whose it is.
public struct UserNames: Sendable {
    private let users: [String: User]

    init(_ directory: Directory) { users = directory.users }

    /// nil: of one who is no more.
    public subscript(id: String) -> String? { users[id]?.name }

    /// nil: the key is a program's.
    public func owner(of key: APIKey) -> String? {
        guard case .user(let id) = key.owner else { return nil }
        return self[id] ?? id
    }
}

/// People name users by their names; limits, usage and keys know them by their ids.
extension AccessAdministration {
    /// The id of a user whom the requester sees. What is an id already stays, so that what is left of users who are no
    /// more can be named too.
    public func userID(
        named name: String, _ permission: Permission, for action: String, by requester: Requester
    ) throws(AccessProblem) -> String {
        let directory = try look(requester, permission, action)
        // No user's name has a colon.
        return name.hasPrefix("user:") ? name : try directory.user(named: name, for: requester.principal).id
    }

    /// For showing what has ids.
    public func userNames() throws(AccessProblem) -> UserNames {
        UserNames(try refusing { () throws(AccessError) in try control.directory() })
    }

    /// The requester's own; nil for programs and for tokens of nobody we know.
    public func ownUser(of requester: Requester) throws(AccessProblem) -> User? {
        let directory = try refusing { () throws(AccessError) in try control.directory() }
        return requester.principal.userID.flatMap { directory.users[$0] }
    }

    public func key(id: String, by requester: Requester) throws(AccessProblem) -> APIKey {
        guard let key = try keys(by: requester).first(where: { $0.id == id }) else {
            throw .notFound("key '\(id.brief)'")
        }
        return key
    }
}
