import HadalJSON

/// Everything that can be configured: one value, complete and checked.
public struct HadalSettings: SettingsSection {
    /// `HOST:PORT`.
    public var listen = "127.0.0.1:8000"
    /// The directory that holds what is kept; absolute once loaded.
    public var data = ""
    /// Listens on an address that others can reach although nobody needs a credential.
    public var insecure = false
    /// Names that a request's `Host` may have on loopback, beside `localhost` and addresses.
    public var allowedHosts: [String] = []
    /// Empty: the built-in model.
    public var models: [ModelSettings] = []
    /// Those that are made by request are not among them.
    public var deployments: [DeploymentConfiguration] = []
    /// As `RouteTable.load` reads them.
    public var routes: JSON = []
    public var outlierDetection = OutlierSettings()
    /// For all models.
    public var engine = EngineOptions()
    public var workers = WorkerSettings()
    public var batches = BatchSettings()
    public var server = ServerSettings()
    public var tls = TLSSettings()
    public var access = AccessSettings()
    public var limits = LimitSettings()
    public var content = ContentSettings()
    /// Instead of `content`, for these tenants.
    public var tenantContent: [TenantContentSettings] = []
    /// A file of rules, or a directory of such.
    public var rules: String?
    /// Bytes of memory for all tenants' cached answers.
    public var answerCache = 64 << 20
    public var audit = AuditSettings()
    public var backup = BackupSettings()
    public var store = StoreSettings()
    public var secrets = SecretsSettings()
    public var log = LogSettings()
    public var traces = TraceSettings()
    public var alerts = AlertSettings()

    public init() {}

    /// A model's own engine options, and those for all where it has none.
    public func engine(for model: ModelSettings) -> EngineOptions {
        var options = engine
        options.overlay(model.engine)
        return options
    }

    static let entries: [Entry<HadalSettings>] = [
        .setting("listen", \.listen, .hostAndPort, .restart, "Where to listen: HOST:PORT."),
        .setting(
            "data", \.data, .path(example: "/var/lib/hadal"), .restart,
            shownDefault: "$XDG_DATA_HOME/hadal, or ~/.local/share/hadal",
            "The directory of what is kept: users and keys, files and batches, certificates."),
        .setting(
            "insecure", \.insecure, .boolean, .restart,
            "Listen on an address that others can reach although there is no key or user yet, so that nobody needs one."
        ),
        .setting(
            "allowed_hosts", \.allowedHosts, .list(of: .host(example: "hadal.example.org")), .reload,
            "Names that requests on loopback may be for, beside localhost and addresses: those of a proxy before this "
                + "server. Others are refused, as pages of other sites can make their names mean 127.0.0.1."),
        .groups(
            "models", \.models, .restart, example: "[{name: r1, model: /models/DeepSeek-R1-Distill-Qwen-1.5B}]",
            "The models that are served. Without any: the built-in one, guide."),
        .groups(
            "deployments", \.deployments, .restart, example: "[{name: chat, approvals: [canary]}]",
            "Names behind which versions of a model take each other's place (docs/releases.md). Others are made while the "
                + "server runs; routes lead only to those that stand here."),
        .setting(
            "routes", \.routes, .routes, .reload,
            "Names for requests that go to one model or another, by rules, with models to fall back on "
                + "(docs/routing.md)."),
        .group("outlier_detection", \.outlierDetection),
        .group("engine", \.engine),
        .group("workers", \.workers),
        .group("batches", \.batches),
        .group("server", \.server),
        .group("tls", \.tls),
        .group("access", \.access),
        .group("limits", \.limits),
        .group("content", \.content),
        .groups(
            "tenant_content", \.tenantContent, .reload,
            example: "[{tenant: research, content: {privacy: {request: {action: mask}}}}]",
            "For tenants that are to have other contents settings: all of content, not only what differs."),
        .setting(
            "rules", \.rules, .optional(.path(example: "/etc/hadal/rules.yaml")), .reload,
            "The organisation's rules: a file, or a directory of them (docs/rules.md)."),
        .setting(
            "answer_cache", \.answerCache, .bytes(0...(1 << 40), example: "64MiB"), .restart,
            "Memory for answers that are given again (content.cache), of all tenants together."),
        .group("audit", \.audit),
        .group("backup", \.backup),
        .group("store", \.store),
        .group("secrets", \.secrets),
        .group("log", \.log),
        .group("traces", \.traces),
        .group("alerts", \.alerts),
    ]

    func check(_ findings: inout Findings) {
        var tenants: Set<String> = []
        for (index, item) in tenantContent.enumerated()
        where !item.tenant.isEmpty && !tenants.insert(item.tenant).inserted {
            findings.add("tenant_content[\(index)].tenant", "it is there already", "keep one of them")
        }
        var names: Set<String> = []
        for (index, model) in models.enumerated() {
            guard let name = model.name, !names.insert(name).inserted else { continue }
            findings.add("models[\(index)].name", "\(quoted(name)) is there already", "give each model its own name")
        }
        if store.encryption, secrets.service == .none {
            findings.add(
                "store.encryption", "nobody keeps the key",
                "write 'service: passphrase' (or pkcs11, vault) under 'secrets:'")
        }
        for (index, replica) in store.replicas.enumerated() where replica.encryption && secrets.service == .none {
            findings.add(
                "store.replicas[\(index)].encryption", "nobody keeps the key",
                "write 'service: passphrase' (or pkcs11, vault) under 'secrets:'")
        }
        checkDeployments(&findings)
        checkRoutes(&findings)
    }
}
