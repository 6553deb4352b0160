/// One thing that may be done. Its raw value is its name in roles, keys' scopes, errors and the audit.
public enum Permission: String, CaseIterable, Sendable, Hashable {
    /// Ask models: generation, embeddings, tokens. Which models is the `ModelScope`'s to say.
    case useModels = "models.use"
    case listModels = "models.list"
    /// Files, batches and stored responses of one's own tenant.
    case useFiles = "files.use"
    /// Make, copy and delete names with settings of their own for served models.
    case manageVariants = "variants.manage"
    /// Fetch, check, load and unload models.
    case manageModels = "models.manage"
    case deleteModels = "models.delete"
    case manageReleases = "releases.manage"
    case rollBack = "releases.rollback"
    /// Metrics, health of workers, usage.
    case viewOperations = "operations.view"
    /// Drain, restart, back up.
    case manageOperations = "operations.manage"
    case viewConfiguration = "configuration.view"
    case manageConfiguration = "configuration.manage"
    case viewCertificates = "certificates.view"
    case manageCertificates = "certificates.manage"
    case viewAccess = "access.view"
    case manageUsers = "users.manage"
    case changeRoles = "roles.change"
    case manageTenants = "tenants.manage"
    case manageLimits = "limits.manage"
    /// Make, rotate and revoke keys that act for oneself.
    case manageOwnKeys = "keys.own"
    case manageKeys = "keys.manage"
    case viewAudit = "audit.view"
    case exportAudit = "audit.export"
    /// What users asked and were answered, as far as it is kept.
    case readConversations = "conversations.read"
    /// The text behind masks.
    case readMaskedText = "masks.read"

    /// Whether it wants a second factor each time, however valid the session is.
    public var isCritical: Bool {
        switch self {
        case .deleteModels, .changeRoles, .exportAudit, .rollBack, .readMaskedText, .readConversations: true
        default: false
        }
    }
}
