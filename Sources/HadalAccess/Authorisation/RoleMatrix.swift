/// The built-in roles. Duties are separated: who runs the system (administrator) reads neither conversations nor what
/// masks hide, and takes no audit out of it; who judges it (auditor) changes nothing. No permission edits the audit.
/// What no column has is only to be had by a custom role, and giving it is recorded.
public enum RoleMatrix {
    public static let administrator = "administrator"
    public static let modelManager = "model-manager"
    public static let `operator` = "operator"
    public static let auditor = "auditor"
    public static let user = "user"

    /// The columns of the table.
    public static let names = [administrator, modelManager, `operator`, auditor, user]

    // swift-format-ignore
    private static let table: [(Permission, [Bool])] = [
        //                       administrator model-manager operator auditor user
        (.useModels,            [true,         true,         false,   false,  true]),
        (.listModels,           [true,         true,         true,    true,   true]),
        (.useFiles,             [true,         true,         false,   false,  true]),
        (.manageVariants,       [true,         true,         false,   false,  false]),
        (.manageModels,         [true,         true,         false,   false,  false]),
        (.deleteModels,         [true,         true,         false,   false,  false]),
        (.manageReleases,       [true,         true,         false,   false,  false]),
        (.rollBack,             [true,         true,         true,    false,  false]),
        (.viewOperations,       [true,         true,         true,    true,   false]),
        (.manageOperations,     [true,         false,        true,    false,  false]),
        (.viewConfiguration,    [true,         false,        true,    true,   false]),
        (.manageConfiguration,  [true,         false,        false,   false,  false]),
        (.viewCertificates,     [true,         false,        true,    true,   false]),
        (.manageCertificates,   [true,         false,        true,    false,  false]),
        (.viewAccess,           [true,         false,        false,   true,   false]),
        (.manageUsers,          [true,         false,        false,   false,  false]),
        (.changeRoles,          [true,         false,        false,   false,  false]),
        (.manageTenants,        [true,         false,        false,   false,  false]),
        (.manageLimits,         [true,         false,        false,   false,  false]),
        (.manageOwnKeys,        [true,         true,         true,    false,  true]),
        (.manageKeys,           [true,         false,        false,   false,  false]),
        (.viewAudit,            [true,         false,        false,   true,   false]),
        (.exportAudit,          [false,        false,        false,   true,   false]),
        (.readConversations,    [false,        false,        false,   false,  false]),
        (.readMaskedText,       [false,        false,        false,   false,  false]),
    ]

    private static let about = [
        administrator: "runs the system and says who may use it",
        modelManager: "brings, releases and removes models",
        `operator`: "keeps the machines and services running",
        auditor: "sees how all is set and what was done, and changes nothing",
        user: "asks models and keeps files and keys of their own",
    ]

    public static let roles: [Role] = names.enumerated().map { column, name in
        Role(
            name: name, about: about[name] ?? "", permissions: Set(table.filter { $0.1[column] }.map(\.0)),
            isBuiltIn: true)
    }
}
