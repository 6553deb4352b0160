import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HadalConfiguration

@Suite struct WatchTests {
    private let directory: TemporaryDirectory
    private let watch: ConfigurationWatch

    init() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("server: {body_limit: 1MiB}\n".utf8)
        self.directory = directory
        watch = try ConfigurationWatch { () throws(ConfigurationError) in
            try ConfigurationLoader.load(file: file, environment: [:])
        }
    }

    /// What was taken over.
    private final class Used: Sendable {
        private let all = Mutex<[Int]>([])
        var list: [Int] { all.withLock(\.self) }
        func use(_ loaded: Loaded) { all.withLock { $0.append(loaded.settings.server.requests) } }
    }

    @Test func aReloadTellsWhatChangedAndWhetherItNeedsARestart() throws {
        _ = try directory.write(
            """
            listen: 127.0.0.1:9000
            server: {body_limit: 2MiB}
            models: [{name: a, model: guide}]
            """.utf8)
        let changes = try watch.reload()
        #expect(
            changes.prefix(3) == [
                .init(path: "listen", old: "127.0.0.1:8000", new: "127.0.0.1:9000", change: .restart),
                .init(path: "models[0].name", old: nil, new: "a", change: .restart),
                .init(path: "models[0].model", old: nil, new: "guide", change: .restart),
            ])
        #expect(changes.contains(.init(path: "models", old: "[]", new: nil, change: .restart)))
        #expect(changes.contains(.init(path: "server.body_limit", old: "1MiB", new: "2MiB", change: .reload)))
        #expect(watch.current.settings.listen == "127.0.0.1:9000")
    }

    @Test func aWrongFileChangesNothingAndIsNotUsed() throws {
        let used = Used()
        watch.whenReloaded { used.use($0) }
        let before = watch.current
        for text in ["server: {body_limit: 2MiB, grace: x}\nallowed_hosts: [a]\n", "server: [", "tls: {mode: files}"] {
            _ = try directory.write(text.utf8)
            #expect(throws: ConfigurationError.self) { try watch.reload() }
            #expect(watch.current == before)
        }
        try FileManager.default.removeItem(atPath: directory.path + "/hadal.yaml")
        #expect(throws: ConfigurationError.self) { try watch.reload() }
        #expect(watch.current == before)
        #expect(used.list.isEmpty)
    }

    @Test func whatCannotBeUsedChangesNothing() throws {
        struct Refusal: Error {}
        watch.whenReloaded { _ in throw Refusal() }
        let before = watch.current
        _ = try directory.write("server: {body_limit: 2MiB}\n".utf8)
        #expect(throws: Refusal.self) { try watch.reload() }
        #expect(watch.current == before)
    }

    @Test func eachAcceptedReloadIsUsedOnceAlsoWithoutChanges() throws {
        let used = Used()
        watch.whenReloaded { used.use($0) }
        #expect(try watch.reload().isEmpty)
        #expect(try watch.reload().isEmpty)
        #expect(used.list == [1024, 1024])
    }

    @Test func aWrongFileIsNoBeginning() {
        #expect(throws: ConfigurationError.self) {
            _ = try ConfigurationWatch { () throws(ConfigurationError) in
                try ConfigurationLoader.load(file: "/nowhere.yaml", environment: [:])
            }
        }
    }

    @Test func reloadsAtTheSameTimeAreUsedInTheirOrder() async throws {
        let count = Mutex(0)
        let watch = try ConfigurationWatch { () throws(ConfigurationError) in
            let next = count.withLock { count in
                count += 1
                return count
            }
            return try ConfigurationLoader.load(
                environment: [:], overrides: [SettingOverride("server.requests", "\(next)", option: "x")])
        }
        let used = Used()
        watch.whenReloaded { used.use($0) }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = try? watch.reload() } }
        }
        #expect(used.list == Array(2...51))
        #expect(watch.current.settings.server.requests == 51)
    }

    @Test func whereThingsWereSaidIsNoChange() throws {
        let file = try load("server: {body_limit: 1MiB}\n")
        let environment = try load("", environment: ["HADAL_SERVER_BODY_LIMIT": "1MiB"])
        #expect(file.changes(to: environment).isEmpty)
    }

    @Test func placesOfSecretsAreSettingsLikeOthers() throws {
        let old = try load("secrets: {passphrase_file: /a}")
        let new = try load("secrets: {passphrase_env: NAME}")
        #expect(
            old.changes(to: new) == [
                .init(path: "secrets.passphrase_file", old: "/a", new: "none", change: .restart),
                .init(path: "secrets.passphrase_env", old: "none", new: "NAME", change: .restart),
            ])
    }
}
