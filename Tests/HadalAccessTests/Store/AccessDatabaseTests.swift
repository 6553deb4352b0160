import Foundation
import HadalState
import Testing

@testable import HadalAccess

@Suite struct AccessDatabaseTests {
    private func directory() -> URL {
        FileManager.default.temporaryDirectory.appendingPathComponent("hadal-store-\(UUID())")
    }

    private func error(opening data: URL) -> AccessStoreError? {
        do {
            _ = try AccessDatabase(data: data)
            return nil
        } catch {
            return error
        }
    }

    @Test func filesAreClosedToOthers() throws {
        let installation = try Installation()
        try installation.user("ann")
        #expect(try mode(installation.data) == 0o700)
        for name in ["access.db", "access.db-wal", "access.db-shm"] {
            #expect(try mode(installation.data.appendingPathComponent(name)) == 0o600, "\(name)")
        }
    }

    @Test func aFileThatWasLeftOpenIsClosed() throws {
        let data = directory()
        defer { try? FileManager.default.removeItem(at: data) }
        _ = try AccessDatabase(data: data)
        let file = data.appendingPathComponent("access.db")
        #expect(chmod(file.path, 0o644) == 0)
        _ = try AccessDatabase(data: data)
        #expect(try mode(file) == 0o600)
    }

    @Test(arguments: [0, 16, 100, 4096, 5 * 4096, 20 * 4096]) func aDamagedFileIsSaidToBeDamagedAndLeftAlone(
        at offset: Int
    ) throws {
        let data = directory()
        defer { try? FileManager.default.removeItem(at: data) }
        let file = data.appendingPathComponent("access.db")
        do {
            let database = try AccessDatabase(data: data)
            try database.state.close()
        }
        var bytes = try Data(contentsOf: file)
        bytes.replaceSubrange(offset..<offset + 90, with: Data(repeating: 0xA5, count: 90))
        try bytes.write(to: file)
        #expect(error(opening: data)?.damaged == file.path)
        #expect(try Data(contentsOf: file) == bytes)
    }

    @Test func rowsThatMakeNoSenseAreDamageAndLetNobodyIn() throws {
        for sql in [
            "UPDATE keys SET roles = 'not json'",
            "UPDATE keys SET scopes = '{}'",
            "UPDATE users SET roles = '[1,2]'", "UPDATE tenants SET created = 'yesterday'",
            "UPDATE users SET is_enabled = 'x'",
            "INSERT INTO links VALUES ('palm', '', 'x', (SELECT id FROM users))",
        ] {
            let installation = try Installation()
            try installation.user("ann")
            let key = try installation.serviceKey()
            try installation.database.write { try $0.execute(sql) }
            let error = #expect(throws: AccessError.self, "\(sql)") { try installation.authenticate(key: key.secret) }
            guard case .unavailable = error else {
                #expect(Bool(false), "\(sql): \(String(describing: error))")
                continue
            }
        }
    }

    @Test func aLaterVersionsFileIsRefused() throws {
        let data = directory()
        defer { try? FileManager.default.removeItem(at: data) }
        let database = try AccessDatabase(data: data)
        try database.write { try $0.execute("INSERT INTO grdb_migrations VALUES ('from the future')") }
        #expect(error(opening: data) == .state(.newer(path: database.url.path)))
    }

    @Test func whatCannotBeOpenedIsNamed() throws {
        let data = directory()
        defer { try? FileManager.default.removeItem(at: data) }
        try FileManager.default.createDirectory(
            at: data.appendingPathComponent("access.db"), withIntermediateDirectories: true)
        guard case .state(.unreadable(let path, _)) = error(opening: data) else { return #expect(Bool(false)) }
        #expect(path == data.appendingPathComponent("access.db").path)
        let file = data.appendingPathComponent("file")
        try Data().write(to: file)
        guard case .state(.unreadable) = error(opening: file.appendingPathComponent("below")) else {
            return #expect(Bool(false))
        }
    }

    @Test func aFullDiskIsAnErrorAndLosesNothing() throws {
        let installation = try Installation()
        try installation.user("ann")
        let key = try installation.serviceKey()
        // SQLite refuses to let the file grow, as it does when the disk is full.
        try installation.database.write { db in
            let pages = try db.row("PRAGMA page_count")?.int("page_count") ?? 0
            _ = try db.row("PRAGMA max_page_count = \(pages)")
        }
        var problem: AccessProblem?
        for number in 0..<300 where problem == nil {
            do {
                try installation.administration.createUser(
                    NewUser(name: "user\(number)", displayName: String(repeating: "x", count: 200)),
                    by: installation.root)
            } catch {
                problem = error
            }
        }
        #expect(problem == .store(.state(.diskFull(path: installation.database.url.path))))
        #expect(installation.audit.events.last?.outcome == .failed)
        _ = try installation.authenticate(key: key.secret)
        try installation.database.write { _ = try $0.row("PRAGMA max_page_count = 1000000") }
        try installation.user("later")
        let names = try installation.administration.users(by: installation.root).map(\.name)
        #expect(names.contains("ann") && names.contains("later"))
        #expect(
            try installation.database.read { try $0.row("PRAGMA integrity_check")?.text("integrity_check") } == "ok")
    }

    @Test func aDatabaseThatCannotBeWrittenIsAnErrorAndKeysGoOn() throws {
        let installation = try Installation()
        try installation.user("ann")
        let key = try installation.serviceKey()
        try installation.database.write { try $0.execute("PRAGMA query_only = 1") }
        #expect(throws: AccessProblem.store(.state(.readOnly(path: installation.database.url.path)))) {
            try installation.user("bob")
        }
        // Whether a name is locked cannot be counted: nobody gets to try.
        let error = #expect(throws: AccessError.self) { try installation.logIn("ann") }
        guard case .unavailable = error else { return #expect(Bool(false), "\(String(describing: error))") }
        _ = try installation.authenticate(key: key.secret)
        installation.control.flush()
    }

    /// Another connection to the same file stands for another process: the two share nothing but the file.
    @Test func changesOfAnotherProcessCountForTheNextRequest() throws {
        let installation = try Installation()
        let other = try AccessControl(AccessDatabase(data: installation.data), policy: .quick, opensWhenEmpty: true)
        #expect(try other.isOpen())
        let key = try installation.serviceKey()
        #expect(try !other.isOpen())
        #expect(throws: AccessError.credentialsNeeded) { try other.authenticate(Credentials(), now: installation.now) }
        let credentials = Credentials(bearer: key.secret)
        _ = try other.authenticate(credentials, now: installation.now)
        try installation.administration.revokeKey(id: key.key.id, by: installation.root)
        #expect(refusal { try other.authenticate(credentials, now: installation.now) }?.contains("revoked") == true)

        try installation.user("ann")
        let session = try installation.logIn("ann")
        let cookie = Credentials(sessionToken: session.token)
        _ = try other.authenticate(cookie, now: installation.now)
        try installation.administration.endSessions(ofUserNamed: "ann", by: installation.root)
        #expect(refusal { try other.authenticate(cookie, now: installation.now) } != nil)
    }

    @Test func aChangeOfLimitsIsNoticed() throws {
        let installation = try Installation()
        let other = try AccessControl(AccessDatabase(data: installation.data), policy: .quick, opensWhenEmpty: true)
        let before = try other.limitsRevision()
        try installation.user("ann")
        #expect(try other.limitsRevision() == before)
        try installation.database.write {
            try $0.execute("INSERT INTO limits (scope, subject, model, kind, value) VALUES ('s', '', '', 'k', 1)")
        }
        #expect(try other.limitsRevision() != before)
    }

    @Test func secretsAreNowhereInTheFiles() throws {
        let installation = try Installation()
        let ann = try installation.principal("ann", roles: ["administrator"])
        let (secret, recovery) = try installation.setUpSecondFactor(ann)
        let session = try installation.logIn("ann", code: installation.code(secret))
        let key = try installation.serviceKey()
        _ = try installation.authenticate(session, isChange: true, forgeryToken: session.forgeryToken)
        let bytes = try installation.bytesOnDisk()
        #expect(bytes.contains(key.key.prefix) && bytes.contains("ann"))
        for text in [
            Installation.password, key.secret, String(key.secret.suffix(43)), session.token, session.forgeryToken,
            Base32.encode(secret), recovery[0], recovery[0].uppercased().replacing("-", with: ""),
        ] {
            #expect(!bytes.contains(text))
        }
        #expect(!bytes.contains(secret))
        #expect(!bytes.contains(try #require(Base64URL.decode(key.secret.suffix(43)))))
        #expect(!bytes.contains(try #require(Base64URL.decode(session.token))))
    }

    @Test func twoProcessesThatStartAtOnceBothGetOn() async throws {
        let data = directory()
        defer { try? FileManager.default.removeItem(at: data) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 { group.addTask { _ = try AccessDatabase(data: data) } }
            try await group.waitForAll()
        }
    }
}
