import Foundation
import HadalJSON
import TestSupport
import Testing

@testable import HadalConfiguration

@Suite struct SourceTests {
    /// What makes any value of a setting fit with others.
    private static let surroundings: [(prefix: String, overrides: [(path: String, text: String)])] = [
        ("tls.mode", []),
        ("tls.", [("tls.mode", "files"), ("tls.certificate", "/c"), ("tls.key", "/k"), ("tls.client_ca", "/a")]),
        ("workers.tls_", [("workers.tls_certificate", "/c"), ("workers.tls_key", "/k"), ("workers.tls_ca", "/a")]),
        (
            "secrets.service",
            [
                ("secrets.passphrase_file", "/p"), ("secrets.pkcs11.module", "/m"), ("secrets.pkcs11.token", "t"),
                ("secrets.pkcs11.key", "k"), ("secrets.pkcs11.pin_file", "/p"),
            ]
        ),
        ("secrets.encrypt", [("secrets.service", "passphrase"), ("secrets.passphrase_file", "/p")]),
        ("store.encryption", [("secrets.service", "passphrase"), ("secrets.passphrase_file", "/p")]),
        ("store.replicas", [("secrets.service", "passphrase"), ("secrets.passphrase_file", "/p")]),
    ]

    private static func surroundings(of path: String) -> [SettingOverride] {
        (surroundings.first { path.hasPrefix($0.prefix) }?.overrides ?? [])
            .filter { $0.path != path }.map { SettingOverride($0.path, $0.text, option: "surroundings") }
    }

    private static let candidates = [
        "2", "3", "61s", "62s", "13h", "2GiB", "3GiB", "true", "false", "a.example", "b.example", "/x", "/y",
        "[/x]", "[/y]", "03:45", "04:15", "10d", "11d",
        "192.0.2.1",
        "198.51.100.0/24",
        "127.0.0.1:1", "127.0.0.1:2", "https://a.example/", "https://b.example/", "NAME_A", "NAME_B", "[]",
        "[{model: a}]", "[{model: b}]", "{a: 2}", "[{issuer: 'https://a', audiences: [b]}]",
        "Europe/Berlin", "Asia/Shanghai", "{email: mask}", "51", "[{tenant: a}]", "[{tenant: b}]", "0.75",
        "[{name: b, kind: command, command: [/bin/true]}]",
    ]

    private static func isRelative(_ text: String) -> Bool {
        !["/", "[/"].contains { text.hasPrefix($0) } && !text.contains("://") && !["none", "[]"].contains(text)
    }

    private func load(
        _ path: String, file: String? = nil, environment: String? = nil, option: String? = nil
    ) throws -> Loaded {
        let setting = try #require(SettingCatalog.outside.first { $0.path == path })
        let keys = path.split(separator: ".")
        var yaml = ""
        for (depth, key) in keys.enumerated() {
            yaml += String(repeating: "  ", count: depth) + "\(key):" + (depth == keys.count - 1 ? " " : "\n")
        }
        var overrides = Self.surroundings(of: path)
        if let option { overrides.append(SettingOverride(path, option, option: "--it")) }
        let variable = try #require(setting.environmentVariable)
        return try HadalConfigurationTests.load(
            file.map { yaml + $0 + "\n" } ?? "", environment: environment.map { [variable: $0] } ?? [:],
            overrides: overrides)
    }

    /// All of it: of a list of groups its items.
    private func value(_ path: String, _ loaded: Loaded) -> [Loaded.Shown] {
        loaded.shown.filter { SettingPath.isWithin($0.path, path) }.map {
            var shown = $0
            shown.source = .builtIn
            return shown
        }
    }

    @Test(arguments: SettingCatalog.outside.map(\.path))
    func eachSettingIsTakenFromOptionsBeforeTheEnvironmentBeforeTheFile(path: String) throws {
        let setting = try #require(SettingCatalog.outside.first { $0.path == path })
        let words = setting.type.replacing(" or ", with: ", ").split(separator: ", ").map(String.init)
        var texts: [String] = []
        var values: [[Loaded.Shown]] = []
        for text in [setting.example] + words + Self.candidates {
            // A relative path is another one in each file.
            if setting.type.contains("path") || setting.type.contains("directory"), Self.isRelative(text) { continue }
            // Quoted as files want it.
            if setting.type == "time of the day", text.hasPrefix("\"") { continue }
            guard let loaded = try? load(path, file: text), !values.contains(value(path, loaded)) else { continue }
            texts.append(text)
            values.append(value(path, loaded))
        }
        try #require(texts.count >= 2, "\(path): \(texts)")
        let (a, b) = (0, 1)

        let file = try load(path, file: texts[a])
        #expect(value(path, file) == values[a])
        guard case .file(_, let line, _) = file.source(of: path) else {
            Issue.record("\(path): \(file.source(of: path))")
            return
        }
        #expect(line == path.split(separator: ".").count)

        let environment = try load(path, file: texts[a], environment: texts[b])
        #expect(value(path, environment) == values[b])
        #expect(environment.source(of: path) == .environment(try #require(setting.environmentVariable)))

        let option = try load(path, file: texts[b], environment: texts[b], option: texts[a])
        #expect(value(path, option) == values[a])
        #expect(option.source(of: path) == .option("--it"))

        let empty = try load(path, file: texts[a], environment: "")
        #expect(value(path, empty) == values[a])
    }

    @Test(arguments: SettingCatalog.all.map(\.path).filter { $0.contains("[]") })
    func eachSettingOfAListsItemsIsTaken(path: String) throws {
        let setting = try #require(SettingCatalog.all.first { $0.path == path })
        let parts = path.split(separator: ".").map(String.init)
        let list = try #require(parts.firstIndex { $0.hasSuffix("[]") })
        var item: [String: String] =
            switch parts[list] {
            case "models[]":
                path.hasSuffix(".worker") || path.contains(".upstream.") ? ["name": "a"] : ["model": "guide"]
            case "prices[]": ["model": "guide"]
            case "deployments[]": ["name": "chat"]
            case "tenant_content[]": ["tenant": "research"]
            case "rules[]": ["name": "HadalDisk"]
            case "own[]":
                [
                    "name": "A", "query": "up", "summary": "s",
                    path.contains(".below.") ? "below" : "above": "{critical: 1}",
                ]
            case "replicas[]": ["place": "/mnt/models"]
            case "channels[]":
                // For every kind.
                [
                    "name": "ops", "url_file": "/u", "host": "h", "sender": "a@b", "to": "[c@d]",
                    "command": "[/bin/true]",
                ]
            default: ["issuer": "https://i", "audiences": "[a]", "client_id": "c", "redirect": "https://r"]
            }
        let rest = Array(parts[(list + 1)...])
        if rest[0] == "url_env" { item["url_file"] = nil }
        item[rest[0]] = rest.dropFirst().reversed().reduce(setting.example) { "{\($1): \($0)}" }
        if rest[0] == "upstream" {
            let others = ["url": "https://h", "input_price": "1"].filter { $0.key != rest[1] }
            let all = others.map { "\($0.key): \($0.value)" } + ["\(rest[1]): \(setting.example)"]
            item["upstream"] = "{" + all.joined(separator: ", ") + "}"
        }
        if rest[0] == "action", rest[1] != "do" { item["action"] = "{do: restart, \(rest[1]): \(setting.example)}" }
        var yaml = "[{" + item.map { "\($0): \($1)" }.joined(separator: ", ") + "}]"
        for key in parts[...list].reversed() {
            let name = key.replacing("[]", with: "")
            yaml = key.hasSuffix("[]") ? "\(name): \(yaml)" : "\(name): {\(yaml)}"
        }
        let loaded = try HadalConfigurationTests.load(yaml, overrides: Self.surroundings(of: path))
        let place = path.replacing("[]", with: "[0]")
        #expect(loaded.source(of: place) != .builtIn)
        #expect(loaded.shown.contains { $0.path == place && !$0.value.isNull && $0.source != .builtIn })
    }

    @Test func environmentVariablesHaveNamesOfTheirOwn() {
        let names = SettingCatalog.outside.compactMap(\.environmentVariable)
        #expect(Set(names).count == names.count)
        #expect(!names.contains("HADAL_CONFIG"))
        for name in ["HADAL_DATA", "HADAL_LISTEN", "HADAL_THREADS", "HADAL_LOG", "HADAL_SERVER_BODY_LIMIT"] {
            #expect(names.contains(name))
        }
    }

    @Test func aListReplacesThatOfTheSourceBefore() throws {
        let yaml = "models: [{name: a, model: x, engine: {batch: 5}}, {name: b, model: y}]\n"
        let loaded = try HadalConfigurationTests.load(yaml, environment: ["HADAL_MODELS": "[{name: c, model: z}]"])
        #expect(loaded.settings.models.map(\.name) == ["c"])
        #expect(loaded.settings.models[0].engine == EngineOptions())
        #expect(loaded.source(of: "models[0].name") == .environment("HADAL_MODELS"))
        #expect(loaded.source(of: "models[0].engine.batch") == .builtIn)
    }

    @Test func theFileIsNamedByTheEnvironmentOrAnArgument() throws {
        let directory = try TemporaryDirectory()
        let a = try directory.write("listen: a:1".utf8, "a.yaml")
        let b = try directory.write("listen: b:2".utf8, "b.yaml")
        #expect(try ConfigurationLoader.load(environment: ["HADAL_CONFIG": a]).settings.listen == "a:1")
        #expect(try ConfigurationLoader.load(file: b, environment: ["HADAL_CONFIG": a]).settings.listen == "b:2")
        #expect(try ConfigurationLoader.load(environment: ["HADAL_CONFIG": ""]).file == nil)
        #expect(try ConfigurationLoader.load(environment: [:]).settings.listen == "127.0.0.1:8000")
    }

    @Test func pathsBeginAtTheFilesDirectory() throws {
        let directory = try TemporaryDirectory()
        let current = FileManager.default.currentDirectoryPath
        let loaded = try directory.load(
            "data: d/../e\nmodels: [{model: ./m}, {model: deepseek-r1:1.5b}, {model: a/b}, {model: /abs/m}]\n",
            environment: ["HADAL_ENGINE_PREFIX_CACHE_DIR": "cache", "HADAL_ENGINE_DRAFT_MODEL": "../draft"])
        #expect(loaded.settings.data == PathText.absolute("e", in: directory.path))
        #expect(
            loaded.settings.models.map(\.model) == [
                PathText.absolute("m", in: directory.path), "deepseek-r1:1.5b", "a/b", "/abs/m",
            ])
        #expect(loaded.settings.engine.prefixCacheDir == PathText.absolute("cache", in: current))
        #expect(loaded.settings.engine.draftModel == PathText.absolute("../draft", in: current))
    }

    @Test(arguments: [
        (["HADAL_DATA": "/d", "XDG_DATA_HOME": "/x", "HOME": "/h"], "/d"),
        (["XDG_DATA_HOME": "/x", "HOME": "/h"], "/x/hadal"), (["HOME": "/h"], "/h/.local/share/hadal"),
        (["XDG_DATA_HOME": "relative", "HOME": "/h"], "/h/.local/share/hadal"),
    ])
    func dataHaveAPlaceWithoutConfiguration(environment: [String: String], expected: String) throws {
        #expect(try ConfigurationLoader.load(environment: environment).settings.data == expected)
    }

    @Test func slipsInTheEnvironmentAreWarnedOf() throws {
        let loaded = try ConfigurationLoader.load(environment: [
            "HADAL_SERVER_BODY_LIMTI": "5MiB", "HADAL_ISA": "avx2", "HADAL_LISTEN": "a:1", "HADAL_CONFIG": "",
            "HADAL_PORT_8000_TCP_ADDR": "10.0.0.1", "PATH": "/bin",
        ])
        #expect(
            loaded.warnings == ["HADAL_SERVER_BODY_LIMTI sets nothing; did you mean 'HADAL_SERVER_BODY_LIMIT'?"])
    }
}
