import HadalJSON

/// Whether a running server takes a new value at the next reload.
public enum SettingChange: String, Sendable, Hashable {
    case reload, restart
}

/// A setting as the reference shows it.
public struct SettingDescription: Sendable, Hashable {
    /// `server.body_limit`; `models[].name` in the items of a list.
    public var path: String
    public var type: String
    public var example: String
    public var defaultText: String
    /// nil in the items of lists.
    public var environmentVariable: String?
    public var change: SettingChange
    /// A sentence or two.
    public var summary: String
    /// How a text that is no YAML file writes it.
    let form: SettingForm
}

/// What a setting is.
struct SettingValue: Hashable {
    var path: String
    /// As a file has it; null: it is not given and made at run time.
    var value: JSON
    /// What it is then.
    var defaultText: String?
    var change: SettingChange

    var text: String { value.isNull ? defaultText ?? "not given" : value.settingText }
}

/// One setting, group or list in a group of settings: all that is known of it, said once. Paths that closures take are the
/// group's.
struct Entry<Root: SettingsSection>: Sendable {
    /// The names it has in the group: one, two for a secret.
    let keys: [String]
    /// A name that is refused, because a secret would stand behind it.
    var inlineSecret: String?
    let read:
        @Sendable (_ node: YAMLNode, _ key: String, _ path: String, _ root: inout Root, _ reading: inout Reading) ->
            Void
    let values: @Sendable (_ root: Root, _ path: String) -> [SettingValue]
    /// - `takesEnvironment`: whether it can be set from outside: not in the items of lists.
    let describe: @Sendable (_ defaults: Root, _ path: String, _ takesEnvironment: Bool) -> [SettingDescription]
    var check: @Sendable (_ root: Root, _ path: String, _ reading: inout Reading) -> Void = { _, _, _ in }
    /// Takes over what `other` has that differs from the defaults.
    let overlay: @Sendable (_ root: inout Root, _ other: Root) -> Void
}

extension Entry {
    typealias Property<Value> = any WritableKeyPath<Root, Value> & Sendable

    /// A setting.
    /// - Parameters:
    ///   - environment: where it is not `HADAL_` and the path.
    ///   - shownDefault: what the reference says where the default is made at run time.
    static func setting<Value>(
        _ key: String, _ property: Property<Value>, _ type: ValueType<Value>, _ change: SettingChange,
        environment: String? = nil, shownDefault: String? = nil, _ summary: String
    ) -> Entry {
        Entry(
            keys: [key],
            read: { node, key, path, root, reading in
                let path = SettingPath.join(path, key)
                guard let value = type.read(node, path, &reading) else { return }
                root[keyPath: property] = value
                reading.sources[path] = node.source
            },
            values: { root, path in
                let value = type.json(root[keyPath: property])
                return [
                    SettingValue(
                        path: SettingPath.join(path, key), value: value, defaultText: shownDefault, change: change)
                ]
            },
            describe: { defaults, path, takesEnvironment in
                let path = SettingPath.join(path, key)
                return [
                    SettingDescription(
                        path: path, type: type.name, example: type.example,
                        defaultText: shownDefault ?? type.json(defaults[keyPath: property]).settingText,
                        environmentVariable: takesEnvironment ? environment ?? EnvironmentName.of(path) : nil,
                        change: change, summary: summary, form: type.form)
                ]
            },
            overlay: { root, other in
                let value = other[keyPath: property]
                if value != Root()[keyPath: property] { root[keyPath: property] = value }
            })
    }

    /// The two settings of a secret: a file, or an environment variable. The name alone is refused.
    static func secret(
        _ key: String, _ file: Property<String?>, _ variable: Property<String?>, _ change: SettingChange, _ what: String
    ) -> Entry {
        let parts: [Entry] = [
            setting(
                key + "_file", file, .optional(.path(example: "/run/secrets/\(key)")), change,
                "The file that holds \(what). Only the server's user should be able to read it."),
            setting(
                key + "_env", variable, .optional(.environmentName), change,
                "The environment variable that holds \(what), instead of a file."),
        ]
        return Entry(
            keys: parts.flatMap(\.keys), inlineSecret: key,
            read: { node, key, path, root, reading in
                for part in parts where part.keys.contains(key) { part.read(node, key, path, &root, &reading) }
            },
            values: { root, path in parts.flatMap { $0.values(root, path) } },
            describe: { defaults, path, takesEnvironment in
                parts.flatMap { $0.describe(defaults, path, takesEnvironment) }
            },
            check: { root, path, reading in
                guard root[keyPath: file] != nil, root[keyPath: variable] != nil else { return }
                let path = SettingPath.join(path, key + "_env")
                reading.report(
                    "\(key)_file is given as well", "keep one of them", at: reading.source(of: path), path)
            },
            overlay: { root, other in for part in parts { part.overlay(&root, other) } })
    }

    /// A group of settings.
    /// - Parameter fallback: the group whose values count where this one's are not given.
    static func group<Section: SettingsSection>(
        _ key: String, _ property: Property<Section>, fallback: String? = nil
    ) -> Entry {
        @Sendable func defaultText(_ path: String) -> String? {
            fallback.map { "that of \(SettingPath.join($0, SettingPath.key(of: path)))" }
        }
        return Entry(
            keys: [key],
            read: { node, key, path, root, reading in
                root[keyPath: property].read(node, at: SettingPath.join(path, key), &reading)
            },
            values: { root, path in
                root[keyPath: property].values(at: SettingPath.join(path, key)).map { setting in
                    var setting = setting
                    setting.defaultText = defaultText(setting.path) ?? setting.defaultText
                    return setting
                }
            },
            describe: { defaults, path, takesEnvironment in
                let path = SettingPath.join(path, key)
                return defaults[keyPath: property].descriptions(at: path, takesEnvironment: takesEnvironment).map {
                    var setting = $0
                    setting.defaultText = defaultText(setting.path) ?? setting.defaultText
                    return setting
                }
            },
            check: { root, path, reading in
                root[keyPath: property].checkAll(at: SettingPath.join(path, key), &reading)
            },
            overlay: { root, other in root[keyPath: property].overlay(other[keyPath: property]) })
    }

    /// A list of groups.
    /// - Parameter short: the setting of a group that a text in its place gives; a text in the list's place is then a
    ///   list of one, and an environment variable may have texts with commas between them.
    static func groups<Section: SettingsSection>(
        _ key: String, _ property: Property<[Section]>, _ change: SettingChange, example: String, short: String? = nil,
        _ summary: String
    ) -> Entry {
        @Sendable func group(_ item: YAMLNode) -> YAMLNode {
            guard let short, case .text = item.content, !item.isEmpty else { return item }
            return YAMLNode(.map([.init(key: short, source: item.source, value: item)]), source: item.source)
        }
        return Entry(
            keys: [key],
            read: { node, key, path, root, reading in
                let path = SettingPath.join(path, key)
                let items: [YAMLNode]
                switch node.content {
                case .list(let nodes): items = nodes
                case .text where short != nil && !node.isEmpty: items = [node]
                case .text, .map:
                    reading.report(expecting: "list of groups", example, node, path)
                    return
                }
                reading.forget(below: path)
                reading.sources[path] = node.source
                root[keyPath: property] = items.enumerated().map { index, item in
                    var section = Section()
                    section.read(group(item), at: "\(path)[\(index)]", &reading)
                    return section
                }
            },
            values: { root, path in
                let path = SettingPath.join(path, key)
                let sections = root[keyPath: property]
                guard !sections.isEmpty else { return [SettingValue(path: path, value: [], change: change)] }
                return sections.enumerated().flatMap { index, section in section.values(at: "\(path)[\(index)]") }
            },
            describe: { _, path, takesEnvironment in
                let path = SettingPath.join(path, key)
                let items = Section().descriptions(at: path + "[]", takesEnvironment: false)
                let alone = items.first { SettingPath.key(of: $0.path) == short }.map { ", or of: \($0.type)" } ?? ""
                let list = SettingDescription(
                    path: path, type: "list of groups\(alone)", example: example, defaultText: "[]",
                    environmentVariable: takesEnvironment ? EnvironmentName.of(path) : nil, change: change,
                    summary: summary, form: short == nil ? .structure : .list)
                return [list] + items
            },
            check: { root, path, reading in
                for (index, section) in root[keyPath: property].enumerated() {
                    section.checkAll(at: "\(SettingPath.join(path, key))[\(index)]", &reading)
                }
            },
            overlay: { root, other in
                if !other[keyPath: property].isEmpty { root[keyPath: property] = other[keyPath: property] }
            })
    }
}

extension JSON {
    /// As a configuration file has it.
    var settingText: String {
        switch self {
        case .string(let text): text
        default: text
        }
    }
}
