extension Permission {
    /// Whether it reaches beyond one tenant: it is about machines, models and settings that all tenants share. Only
    /// those of the tenant `default`, who run the installation, ever have it, whatever their roles say.
    public var isInstallationWide: Bool {
        switch self {
        case .manageModels, .deleteModels, .manageReleases, .rollBack, .viewOperations,
            .manageOperations, .viewConfiguration, .manageConfiguration, .viewCertificates, .manageCertificates,
            .manageTenants, .manageLimits:
            true
        case .useModels, .listModels, .useFiles, .manageVariants, .viewAccess, .manageUsers, .changeRoles,
            .manageOwnKeys, .manageKeys,
            .viewAudit, .exportAudit, .readConversations, .readMaskedText:
            false
        }
    }
}
