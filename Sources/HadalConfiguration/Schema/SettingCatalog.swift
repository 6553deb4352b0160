/// All settings there are.
public enum SettingCatalog {
    public static let all = HadalSettings().descriptions()
    /// Those that environment variables and options can set: all but the items of lists.
    static let outside = all.filter { $0.environmentVariable != nil }
}
