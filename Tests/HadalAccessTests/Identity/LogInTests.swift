import Foundation
import HadalState
import TestSupport
import Testing

@testable import HadalAccess

@Suite struct LogInTests {
    @Test func theRightPasswordBeginsASession() throws {
        let installation = try Installation()
        let ann = try installation.user("Ann")
        let session = try installation.logIn("ann")
        #expect(session.token.utf8.count == 43 && session.session.address == "192.0.2.1")
        let principal = try installation.authenticate(session)
        #expect(principal.id == ann.id && principal.name == "Ann" && principal.method == .session)
        #expect(principal.secondFactorUntil == nil)
    }

    @Test func whoIsToldNothingLearnsNothing() throws {
        let installation = try Installation()
        try installation.user("ann")
        try installation.user("off")
        _ = try installation.administration.changeUser(
            named: "off", UserChange(isEnabled: false), by: installation.root)
        try installation.administration.createUser(NewUser(name: "keyonly"), by: installation.root)
        for (name, password) in [
            ("ann", "wrong"), ("nobody", "wrong"), ("off", Installation.password), ("keyonly", "x"), ("keyonly", ""),
            ("ann", ""), ("", ""), ("ann", String(repeating: "x", count: 5000)),
            (String(repeating: "n", count: 500), "x"),
        ] {
            let error = #expect(throws: AccessError.self) { try installation.logIn(name, password: password) }
            #expect(error?.description == AccessError.credentialsRefused(detail: "").description, "\(name.prefix(9))")
        }
    }

    @Test func aNameThatIsNobodysCostsAsMuchAsAWrongPassword() throws {
        var policy = AccessPolicy.quick
        policy.passwordCost = PasswordCost(rounds: 1 << 13, blockSize: 8, parallelism: 1)
        policy.attemptsPerName = 100
        let installation = try Installation(policy: policy)
        try installation.user("ann")
        func least(_ name: String) -> Double {
            (0..<7).map { _ in
                let start = processorSeconds()
                _ = try? installation.logIn(name, password: "wrong")
                return processorSeconds() - start
            }.min()!
        }
        let known = least("ann")
        let unknown = least("bob")
        #expect(unknown > known * 0.6 && known > unknown * 0.6, "\(known), \(unknown)")
    }

    @Test func passwordsAreTheSameHoweverAnAccentIsTyped() throws {
        let installation = try Installation()
        try installation.administration.createUser(
            NewUser(name: "ann", password: "caf\u{e9} au lait, bien s\u{fb}r"), by: installation.root)
        _ = try installation.logIn("ann", password: "cafe\u{301} au lait, bien su\u{302}r")
    }

    @Test func aHashIsMadeAnewWhenTheCostRises() throws {
        let installation = try Installation()
        try installation.user("ann")
        func stored() throws -> String? {
            try installation.database.read { try $0.row("SELECT password FROM users")?.text("password") }
        }
        #expect(try stored()?.hasPrefix("scrypt$16$8$1$") == true)
        var dearer = AccessPolicy.quick
        dearer.passwordCost = PasswordCost(rounds: 32, blockSize: 8, parallelism: 1)
        let control = try AccessControl(installation.database, policy: dearer, opensWhenEmpty: false)
        #expect(throws: AccessError.self) { try control.logIn(name: "ann", password: "wrong", now: installation.now) }
        #expect(try stored()?.hasPrefix("scrypt$16$8$1$") == true)
        _ = try control.logIn(name: "ann", password: Installation.password, now: installation.now)
        #expect(try stored()?.hasPrefix("scrypt$32$8$1$") == true)
        _ = try control.logIn(name: "ann", password: Installation.password, now: installation.now)
        // And it is not made cheaper again by a process with an older policy.
        _ = try installation.logIn("ann")
        #expect(try stored()?.hasPrefix("scrypt$32$8$1$") == true)
    }

    @Test(arguments: [
        "", "scrypt", "scrypt$0$8$1$AAAAAAAAAAAAAAAAAAAAAA$x", "scrypt$3$8$1$$", "scrypt$9999999999999999999$8$1$$",
        "scrypt$1073741824$8$1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "scrypt$16$8$-1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "plain$secret",
    ]) func aDamagedHashLetsNobodyIn(text: String) throws {
        let installation = try Installation()
        try installation.user("ann")
        try installation.database.write { try $0.execute("UPDATE users SET password = ?", [text]) }
        #expect(refusal { try installation.logIn("ann") } == "a wrong password")
        #expect(refusal { try installation.logIn("ann", password: "") } == "a wrong password")
    }

    @Test func theStandardCostIsAtLeastWhatOWASPAsksFor() throws {
        let cost = PasswordCost.standard
        #expect(cost.rounds * cost.blockSize * cost.parallelism >= (1 << 15) * 8 * 3)
        let hash = try #require(PasswordHash("correct", cost))
        #expect(hash.matches("correct") && !hash.matches("correcT") && !hash.matches(""))
        #expect(
            try #require(PasswordHash("correct", .init(rounds: 16, blockSize: 8, parallelism: 1))).text != hash.text)
    }
}

@Suite struct LockOutTests {
    @Test func fiveWrongPasswordsLockANameAndThenTheRightOneIsRefusedToo() throws {
        let installation = try Installation()
        try installation.user("ann")
        for _ in 0..<5 { #expect(refusal { try installation.logIn("ann", password: "wrong") } == "a wrong password") }
        #expect(throws: AccessError.lockedOut(seconds: 900)) { try installation.logIn("ANN") }
        installation.now += 899
        #expect(throws: AccessError.lockedOut(seconds: 1)) { try installation.logIn("ann") }
        installation.now += 1
        _ = try installation.logIn("ann")
    }

    @Test func namesThatAreNobodysAreLockedAlike() throws {
        let installation = try Installation()
        for _ in 0..<5 { #expect(refusal { try installation.logIn("nobody", password: "wrong") } != nil) }
        #expect(throws: AccessError.lockedOut(seconds: 900)) { try installation.logIn("nobody", password: "wrong") }
    }

    @Test func aLockIsSeenByOtherProcessesAndOutlivesThem() throws {
        let installation = try Installation()
        try installation.user("ann")
        for _ in 0..<5 { _ = refusal { try installation.logIn("ann", password: "wrong") } }
        let other = try AccessControl(
            AccessDatabase(data: installation.data), policy: .quick, opensWhenEmpty: false)
        #expect(throws: AccessError.lockedOut(seconds: 900)) {
            try other.logIn(name: "ann", password: Installation.password, now: installation.now)
        }
    }

    @Test func successForgetsWrongAttemptsAndTimeDoesToo() throws {
        let installation = try Installation()
        try installation.user("ann")
        for _ in 0..<3 {
            for _ in 0..<4 { _ = refusal { try installation.logIn("ann", password: "wrong") } }
            _ = try installation.logIn("ann")
        }
        for _ in 0..<3 {
            for _ in 0..<4 { _ = refusal { try installation.logIn("ann", password: "wrong") } }
            installation.now += 900
        }
        _ = try installation.logIn("ann")
    }

    @Test func anAddressIsLockedThoughEachNameIsAnother() throws {
        var policy = AccessPolicy.quick
        policy.attemptsPerAddress = 10
        let installation = try Installation(policy: policy)
        try installation.user("ann")
        for index in 0..<9 { _ = refusal { try installation.logIn("name\(index)", password: "wrong") } }
        // Having a name of one's own does not clear the address.
        _ = try installation.logIn("ann")
        _ = refusal { try installation.logIn("name9", password: "wrong") }
        #expect(throws: AccessError.lockedOut(seconds: 900)) { try installation.logIn("ann") }
        // From elsewhere all goes on.
        _ = try installation.control.logIn(
            name: "ann", password: Installation.password, address: "192.0.2.77", now: installation.now)
    }

    @Test func addressesOfOneNetworkCountTogether() {
        func row(_ address: String) -> Data { LockOut.Subject.address(address).row }
        #expect(row("2001:db8:1:2:3:4:5:6") == row("2001:DB8:1:2::1"))
        #expect(row("2001:db8:1:2::1") != row("2001:db8:1:3::1"))
        #expect(row("::ffff:192.0.2.1") == row("192.0.2.1") && row("192.0.2.1") != row("192.0.2.2"))
        #expect(row("not an address") != row("192.0.2.1"))
    }

    @Test func manyAttemptsAtOnceGetNoFurther() async throws {
        let installation = try Installation()
        try installation.user("ann")
        let (control, now) = (installation.control, installation.now)
        let tried = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    refusal { try control.logIn(name: "ann", password: "wrong", now: now) } == "a wrong password"
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(tried == 5)
    }

    @Test func anAdministratorUnlocks() throws {
        let installation = try Installation()
        try installation.user("ann")
        for _ in 0..<5 { _ = refusal { try installation.logIn("ann", password: "wrong") } }
        try installation.administration.unlock(userNamed: "ann", by: installation.root)
        _ = try installation.logIn("ann")
    }

    @Test func whatIsTypedAsANameIsNotStored() throws {
        let installation = try Installation()
        _ = refusal { try installation.logIn("my-password-typed-too-early", password: "wrong") }
        #expect(try !installation.bytesOnDisk().contains("typed-too-early"))
    }
}
