/// `docs/configuration.md`, made from the settings' declarations.
public enum ConfigurationReference {
    public static var markdown: String {
        let settings = SettingCatalog.all
        var names: [String] = []
        for setting in settings where !names.contains(SettingPath.group(of: setting.path)) {
            names.append(SettingPath.group(of: setting.path))
        }
        let groups = names.map { name in text(name, settings.filter { SettingPath.group(of: $0.path) == name }) }
        return ([introduction] + groups).joined(separator: "\n") + "\n"
    }

    private static func text(_ name: String, _ settings: [SettingDescription]) -> String {
        let rows = settings.map { setting in
            let cells = [
                code(setting.path), setting.summary, "\(setting.type); \(code(setting.example))",
                setting.defaultText.contains(" ") ? setting.defaultText : code(setting.defaultText),
                setting.change.rawValue, setting.environmentVariable.map(code) ?? "",
            ]
            return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
        }
        let heading = [
            name.isEmpty ? "## At the top" : "## \(code(name))", "",
            "| setting | what it is | values, and an example | default | takes effect at a | environment |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        return (heading + rows + [""]).joined(separator: "\n")
    }

    private static func code(_ text: String) -> String { "`\(text)`" }

    private static let introduction = """
        # Configuration

        Made by `hadal config reference` from the declarations in `Sources/HadalConfiguration/Settings`; do not edit.

        `hadal serve --config FILE`, or `HADAL_CONFIG=FILE`, names a YAML file. Each setting can also be given by an environment \
        variable, and many by an option of `hadal serve`: options come before the environment, which comes before the file, \
        which comes before the defaults. `Deploy/hadal.example.yaml` is a complete example.

        - `hadal config check FILE` tells everything that is wrong, with line and column.
        - `hadal config show` tells what counts and where it was said; `--all` with the defaults.
        - SIGHUP or `POST /admin/v1/configuration/reload` reads the file again. One with a mistake is refused as a whole, and \
        the old one goes on counting. Settings that take effect at a restart are named in the answer and in the log.

        Durations are a whole number and `ms`, `s`, `m`, `h` or `d`; bytes a whole number and `KiB`, `MiB`, `GiB`, `TiB`, `KB`, \
        `MB`, `GB` or `TB`; booleans `true` or `false`. Relative paths begin at the file's directory, in the environment and in \
        options at the current one. `none` takes a limit away. In environment variables lists are written with commas \
        (`HADAL_ALLOWED_HOSTS=a.example,b.example`), groups and lists of groups as YAML in one line \
        (`HADAL_MODELS='[{name: r1, model: /models/r1}]'`). An empty variable counts as not there.

        Secrets never stand in the configuration: `…_file` names a file that holds one, `…_env` an environment variable.

        A file may be 1 MiB, 20,000 values with those that aliases repeat, and 32 levels. Anchors, aliases and merge keys (`<<`) \
        may be used, tags may not. No value is taken for what YAML 1.1 would make of it: `no` is a text, `010` no number.

        """
}
