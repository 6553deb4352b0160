/// Whom or what a limit is about. All requests of one scope are counted together.
public enum LimitScope: Sendable, Hashable {
    /// All requests to this server.
    case server
    /// A key by its id (`Principal.keyID`).
    case key(String)
    /// A user by its id (`Principal.userID`), whatever key or session the request came with.
    case user(String)
    case tenant(String)
    /// A model by the name under which it is served, whoever asks it.
    case model(String)
    /// A model as one tenant uses it.
    case tenantModel(tenant: String, model: String)

    /// Its name in the configuration, in SQLite and in JSON.
    public enum Kind: String, CaseIterable, Sendable, Hashable {
        case server, key, user, tenant, model
        case tenantModel = "tenant-model"
    }

    public var kind: Kind {
        switch self {
        case .server: .server
        case .key: .key
        case .user: .user
        case .tenant: .tenant
        case .model: .model
        case .tenantModel: .tenantModel
        }
    }

    /// As it stands in SQLite: whom, and which model; empty where it has none.
    var columns: (subject: String, model: String) {
        switch self {
        case .server: ("", "")
        case .key(let id), .user(let id): (id, "")
        case .tenant(let name): (name, "")
        case .model(let name): ("", name)
        case .tenantModel(let tenant, let model): (tenant, model)
        }
    }

    /// - Returns: nil where no scope is written so.
    init?(kind: String, subject: String, model: String) {
        guard let kind = Kind(rawValue: kind) else { return nil }
        switch kind {
        case .server: self = .server
        case .key: self = .key(subject)
        case .user: self = .user(subject)
        case .tenant: self = .tenant(subject)
        case .model: self = .model(model)
        case .tenantModel: self = .tenantModel(tenant: subject, model: model)
        }
        guard columns == (subject, model) else { return nil }
    }

    /// From what options name: a key, a user, a tenant, a model, or a tenant and a model; nothing is the server.
    /// - Throws: `LimitError.badScope`.
    public init(key: String? = nil, user: String? = nil, tenant: String? = nil, model: String? = nil) throws(LimitError)
    {
        guard [key, user, tenant, model].allSatisfy({ $0 != "" }) else { throw .badScope("a name is empty") }
        switch (key, user, tenant, model) {
        case (nil, nil, nil, nil): self = .server
        case (let key?, nil, nil, nil): self = .key(key)
        case (nil, let user?, nil, nil): self = .user(user)
        case (nil, nil, let tenant?, nil): self = .tenant(tenant)
        case (nil, nil, nil, let model?): self = .model(model)
        case (nil, nil, let tenant?, let model?): self = .tenantModel(tenant: tenant, model: model)
        default: throw .badScope("name one key, user, tenant or model, or one tenant and one model")
        }
    }

    /// As the one whom it limits may read it: no name that is not the reader's own.
    var textForClient: String {
        switch self {
        case .server: "this server"
        case .key: "your key"
        case .user: "your user"
        case .tenant: "your tenant"
        case .model(let name): "the model '\(name)'"
        case .tenantModel(_, let model): "the model '\(model)' in your tenant"
        }
    }
}
