import HadalJSON

/// Settings, and where each was said.
public struct Loaded: Sendable, Hashable {
    public let settings: HadalSettings
    /// The file that was read.
    public let file: String?
    /// What may be a mistake but stops nothing.
    public let warnings: [String]
    let sources: [String: SettingSource]

    init(settings: HadalSettings, file: String?, sources: [String: SettingSource], warnings: [String]) {
        self.settings = settings
        self.file = file
        self.sources = sources
        self.warnings = warnings
    }

    /// A setting as `hadal config show` tells it.
    public struct Shown: Sendable, Hashable {
        /// `models[0].name`.
        public var path: String
        /// As a file has it; null: it is not given, and made at run time or taken from elsewhere.
        public var value: JSON
        /// For people.
        public var text: String
        public var source: SettingSource
    }

    /// Every setting, in the order of the reference; of empty lists the list. There are no secrets among them: settings name
    /// the places where secrets are.
    public var shown: [Shown] {
        settings.values().map { Shown(path: $0.path, value: $0.value, text: $0.text, source: source(of: $0.path)) }
    }

    public func source(of path: String) -> SettingSource { sources[path] ?? .builtIn }

    /// A setting that another configuration has differently.
    public struct Change: Sendable, Hashable {
        public var path: String
        /// nil: it was not there, in a list.
        public var old: String?
        public var new: String?
        /// Whether a running server takes it, or must be restarted.
        public var change: SettingChange
    }

    /// What is different in `other`, in the order of the reference.
    public func changes(to other: Loaded) -> [Change] {
        let old = settings.values()
        let new = other.settings.values()
        let before = Dictionary(old.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        let after = Dictionary(new.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        return (new + old.filter { after[$0.path] == nil }).compactMap { setting in
            let (old, new) = (before[setting.path], after[setting.path])
            guard old?.value != new?.value else { return nil }
            return Change(path: setting.path, old: old?.text, new: new?.text, change: setting.change)
        }
    }
}
