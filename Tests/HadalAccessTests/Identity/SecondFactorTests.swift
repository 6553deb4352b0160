import Foundation
import HadalState
import Testing

@testable import HadalAccess

@Suite struct SecondFactorTests {
    /// RFC 6238, appendix B, with six digits instead of eight.
    @Test(arguments: [
        (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
        (2_000_000_000, "279037"), (20_000_000_000, "353130"),
    ]) func codesAreThoseOfTheStandard(seconds: Double, code: String) {
        let secret = Data("12345678901234567890".utf8)
        #expect(TimeCode.code(secret, step: TimeCode.step(at: Date(timeIntervalSince1970: seconds))) == code)
    }

    /// RFC 4648, section 10.
    @Test func base32IsThatOfTheStandard() {
        for (plain, coded) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")] {
            #expect(Base32.encode(plain.utf8) == coded)
        }
    }

    @Test func anAuthenticatorReadsTheAddress() {
        let uri = TimeCode.uri(Data("12345678901234567890".utf8), account: "ann@example.org", issuer: "Our Hadal & Co")
        #expect(
            uri == "otpauth://totp/Our%20Hadal%20%26%20Co%3Aann%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                + "&issuer=Our%20Hadal%20%26%20Co&algorithm=SHA1&digits=6&period=30")
    }

    @Test func itCountsOnlyOnceAFirstCodeWasShown() throws {
        let installation = try Installation()
        let ann = try installation.principal("ann", roles: ["administrator"])
        let setUp = try installation.administration.beginSecondFactor(
            password: Installation.password, by: installation.by(ann))
        #expect(try installation.control.directory().user(named: "ann")?.hasSecondFactor == false)
        #expect(throws: AccessError.secondFactorNotSetUp(.deleteModels)) {
            try installation.control.authorise(ann, .deleteModels, code: "123456", now: installation.now)
        }
        #expect(throws: AccessProblem.refused(.secondFactorWrong)) {
            try installation.administration.confirmSecondFactor("000000", by: installation.by(ann))
        }
        let code = installation.code(decodeBase32(setUp.secret))
        let recovery = try installation.administration.confirmSecondFactor(code, by: installation.by(ann))
        #expect(
            Set(recovery).count == 10
                && recovery.allSatisfy { $0.wholeMatch(of: /([a-z2-7]{4}-){3}[a-z2-7]{4}/) != nil })
        #expect(try installation.control.directory().user(named: "ann")?.hasSecondFactor == true)
        // The code that confirmed it is used up.
        #expect(throws: AccessError.secondFactorWrong) {
            try installation.control.authorise(ann, .deleteModels, code: code, now: installation.now)
        }
        #expect(throws: AccessProblem.self) {
            try installation.administration.confirmSecondFactor(code, by: installation.by(ann))
        }
    }

    @Test func aCodeCountsOnceAndNoEarlierOneAfterIt() throws {
        let installation = try Installation()
        let ann = try installation.principal("ann", roles: ["administrator"])
        let (secret, _) = try installation.setUpSecondFactor(ann)
        installation.now += 300
        func authorise(_ code: String) throws {
            try installation.control.authorise(ann, .deleteModels, code: code, now: installation.now)
        }
        let (before, this, after) = (
            installation.code(secret, stepsAway: -1), installation.code(secret), installation.code(secret, stepsAway: 1)
        )
        try authorise(this)
        #expect(throws: AccessError.secondFactorWrong) { try authorise(this) }
        #expect(throws: AccessError.secondFactorWrong) { try authorise(before) }
        try authorise(after)
        #expect(throws: AccessError.secondFactorWrong) { try authorise(after) }
        installation.now += 300
        #expect(throws: AccessError.secondFactorWrong) { try authorise(installation.code(secret, stepsAway: -2)) }
        #expect(throws: AccessError.secondFactorWrong) { try authorise(installation.code(secret, stepsAway: 2)) }
        try authorise(installation.code(secret, stepsAway: -1))
    }

    @Test func ofManyRequestsWithTheSameCodeOneIsLetThrough() async throws {
        var policy = AccessPolicy.quick
        policy.attemptsPerName = 1000
        let installation = try Installation(policy: policy)
        let ann = try installation.principal("ann", roles: ["administrator"])
        let (secret, _) = try installation.setUpSecondFactor(ann)
        let (control, now, code) = (installation.control, installation.now, installation.code(secret))
        let passed = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 {
                group.addTask { (try? control.authorise(ann, .deleteModels, code: code, now: now)) != nil }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(passed == 1)
    }

    @Test func recoveryCodesCountOnceEachHoweverTheyAreTyped() throws {
        let installation = try Installation()
        let ann = try installation.principal("ann", roles: ["administrator"])
        let (_, codes) = try installation.setUpSecondFactor(ann)
        func authorise(_ code: String) throws {
            try installation.control.authorise(ann, .rollBack, code: code, now: installation.now)
        }
        try authorise(codes[0])
        #expect(throws: AccessError.secondFactorWrong) { try authorise(codes[0]) }
        try authorise(codes[1].uppercased().replacing("-", with: " "))
        #expect(throws: AccessError.secondFactorWrong) { try authorise(codes[1].replacing("-", with: "")) }
        let bob = try installation.principal("bob", roles: ["administrator"])
        _ = try installation.setUpSecondFactor(bob)
        #expect(throws: AccessError.secondFactorWrong) {
            try installation.control.authorise(bob, .rollBack, code: codes[2], now: installation.now)
        }
        try authorise(codes[2])
    }

    @Test func newRecoveryCodesTakeThePlaceOfTheOld() throws {
        let installation = try Installation()
        let ann = try installation.principal("ann", roles: ["administrator"])
        let (secret, old) = try installation.setUpSecondFactor(ann)
        #expect(throws: AccessProblem.self) {
            try installation.administration.renewRecoveryCodes(by: installation.by(ann))
        }
        let new = try installation.administration.renewRecoveryCodes(
            by: installation.by(ann, code: installation.code(secret)))
        #expect(throws: AccessError.secondFactorWrong) {
            try installation.control.authorise(ann, .rollBack, code: old[0], now: installation.now)
        }
        try installation.control.authorise(ann, .rollBack, code: new[0], now: installation.now)
    }

    @Test func oneCanTakeOnesOwnAwayWithACodeAlone() throws {
        let installation = try Installation()
        let ann = try installation.confirmed("ann", roles: ["administrator"])
        let administration = installation.administration
        #expect(throws: AccessProblem.self) {
            try administration.removeSecondFactor(by: installation.by(ann, code: "123456"))
        }
        let (secret, recovery) = try installation.setUpSecondFactor(ann)
        let session = try installation.logIn("ann", code: installation.code(secret))
        installation.now += 30
        // That one was shown in the session is not enough.
        #expect(session.principal.secondFactorUntil.map { $0 > installation.now } == true)
        #expect(throws: AccessProblem.invalid(field: "code", problem: "is needed: one of your second factor")) {
            try administration.removeSecondFactor(by: installation.by(session.principal))
        }
        #expect(throws: AccessProblem.refused(.secondFactorWrong)) {
            try administration.removeSecondFactor(by: installation.by(session.principal, code: "000000"))
        }
        _ = try installation.authenticate(session)
        try administration.removeSecondFactor(
            by: installation.by(session.principal, code: installation.code(secret)))
        #expect(try installation.control.directory().user(named: "ann")?.hasSecondFactor == false)
        // What a session has shown does not outlive it, and what asked for it goes on to ask.
        #expect(refusal { try installation.authenticate(session) } != nil)
        let next = try installation.logIn("ann").principal
        #expect(throws: AccessError.secondFactorNotSetUp(.changeRoles)) {
            try installation.control.authorise(next, .changeRoles, code: recovery[0], now: installation.now)
        }
        let events = installation.audit.events.filter { $0.action == "me.secondFactor.remove" }
        #expect(events.map(\.outcome) == [.refused, .refused, .refused, .done])
        // A new one can be set up.
        _ = try installation.setUpSecondFactor(next)
    }

    @Test func guessingIsLockedAndLoggingInDoesNotUnlockIt() throws {
        var policy = AccessPolicy.quick
        policy.secondFactorAtLogIn = false
        let installation = try Installation(policy: policy)
        let ann = try installation.principal("ann", roles: ["administrator"])
        let (secret, _) = try installation.setUpSecondFactor(ann)
        for index in 0..<5 {
            #expect(throws: AccessError.secondFactorWrong) {
                try installation.control.authorise(ann, .deleteModels, code: "00000\(index)", now: installation.now)
            }
            _ = try installation.logIn("ann")
        }
        #expect(throws: AccessError.lockedOut(seconds: 900)) {
            try installation.control.authorise(
                ann, .deleteModels, code: installation.code(secret), now: installation.now)
        }
        #expect(throws: AccessError.lockedOut(seconds: 900)) {
            try installation.logIn("ann", code: installation.code(secret))
        }
        installation.now += 900
        try installation.control.authorise(ann, .deleteModels, code: installation.code(secret), now: installation.now)
    }

    @Test func whoHasSetOneUpNeedsItToLogIn() throws {
        let installation = try Installation()
        let ann = try installation.principal("ann", roles: ["administrator"])
        let (secret, recovery) = try installation.setUpSecondFactor(ann)
        for _ in 0..<10 { #expect(throws: AccessError.codeNeeded) { try installation.logIn("ann") } }
        #expect(
            refusal { try installation.logIn("ann", password: "wrong", code: installation.code(secret)) }
                == "a wrong password")
        #expect(throws: AccessError.secondFactorWrong) { try installation.logIn("ann", code: "000000") }
        let session = try installation.logIn("ann", code: installation.code(secret))
        #expect(session.principal.secondFactorUntil == installation.now + 300)
        #expect(throws: AccessError.secondFactorWrong) {
            try installation.logIn("ann", code: installation.code(secret))
        }
        _ = try installation.logIn("ann", code: recovery[3])
    }

    @Test func whatWasShownInASessionCountsForAWhile() throws {
        var policy = AccessPolicy.quick
        policy.secondFactorAtLogIn = false
        let installation = try Installation(policy: policy)
        let ann = try installation.principal("ann", roles: ["administrator"])
        let (secret, _) = try installation.setUpSecondFactor(ann)
        let session = try installation.logIn("ann")
        func authorise() throws {
            try installation.control.authorise(
                try installation.authenticate(session), .deleteModels, now: installation.now)
        }
        #expect(throws: AccessError.secondFactorNeeded(.deleteModels)) { try authorise() }
        #expect(throws: AccessError.secondFactorWrong) {
            try installation.control.showSecondFactor(
                sessionToken: session.token, code: "000000", now: installation.now)
        }
        let until = try installation.control.showSecondFactor(
            sessionToken: session.token, code: installation.code(secret), now: installation.now)
        #expect(until == installation.now + 300)
        try authorise()
        try authorise()
        installation.now += 300
        #expect(throws: AccessError.secondFactorNeeded(.deleteModels)) { try authorise() }
        #expect(throws: AccessError.secondFactorNeeded(.deleteModels)) {
            try installation.control.authorise(
                try installation.logIn("ann").principal, .deleteModels, now: installation.now)
        }
    }

    @Test func criticalActsNeedItWhateverElseWasShown() throws {
        let installation = try Installation()
        let ann = try installation.principal("ann", roles: ["administrator"])
        let key = try installation.authenticate(key: try installation.serviceKey(roles: ["administrator"]).secret)
        for permission in Permission.allCases where permission.isCritical && ann.permissions.contains(permission) {
            for principal in [ann, key] {
                #expect(throws: AccessError.secondFactorNotSetUp(permission)) {
                    try installation.control.authorise(principal, permission, code: "123456", now: installation.now)
                }
            }
            try installation.control.authorise(.local(name: "root"), permission, now: installation.now)
            try installation.control.authorise(.open, permission, now: installation.now)
        }
        // What is not critical passes without.
        try installation.control.authorise(key, .manageUsers, now: installation.now)
    }

    @Test func aSessionAloneCannotSetOneUpNorReplaceIt() throws {
        let installation = try Installation()
        let ann = try installation.principal("ann", roles: ["administrator"])
        let administration = installation.administration
        #expect(throws: AccessProblem.self) {
            try administration.beginSecondFactor(password: nil, by: installation.by(ann))
        }
        #expect(throws: AccessProblem.self) {
            try administration.beginSecondFactor(password: "guess", by: installation.by(ann))
        }
        let (secret, _) = try installation.setUpSecondFactor(ann)
        #expect(throws: AccessProblem.self) {
            try administration.beginSecondFactor(password: Installation.password, by: installation.by(ann))
        }
        #expect(throws: AccessProblem.self) {
            try administration.resetSecondFactor(
                ofUserNamed: "ann", by: installation.by(ann, code: installation.code(secret)))
        }
        installation.now += 30
        let setUp = try administration.beginSecondFactor(
            password: Installation.password, by: installation.by(ann, code: installation.code(secret)))
        installation.now += 30
        // The old one counts until the new one is confirmed.
        try installation.control.authorise(ann, .deleteModels, code: installation.code(secret), now: installation.now)
        let new = decodeBase32(setUp.secret)
        _ = try administration.confirmSecondFactor(installation.code(new), by: installation.by(ann))
        installation.now += 30
        #expect(throws: AccessError.secondFactorWrong) {
            try installation.control.authorise(
                ann, .deleteModels, code: installation.code(secret), now: installation.now)
        }
        try installation.control.authorise(ann, .deleteModels, code: installation.code(new), now: installation.now)
    }

    @Test func aKeyThatWasFoundDoesNotSetOneUp() throws {
        let installation = try Installation()
        try installation.administration.createUser(
            NewUser(name: "bot", roles: ["administrator"]), by: installation.root)
        let key = try installation.administration.createKey(
            KeyRequest(name: "k", owner: .user(named: "bot")), by: installation.root)
        let principal = try installation.authenticate(key: key.secret)
        #expect(throws: AccessProblem.self) {
            try installation.administration.beginSecondFactor(password: nil, by: installation.by(principal))
        }
        var byCertificate = principal
        byCertificate.method = .certificate
        _ = try installation.administration.beginSecondFactor(password: nil, by: installation.by(byCertificate))
    }

    @Test func anAdministratorCanResetIt() throws {
        let installation = try Installation()
        let ann = try installation.principal("ann")
        _ = try installation.setUpSecondFactor(ann)
        try installation.administration.resetSecondFactor(ofUserNamed: "ann", by: installation.root)
        _ = try installation.logIn("ann")
        #expect(try installation.control.directory().user(named: "ann")?.hasSecondFactor == false)
    }

    @Test func theSecretIsSealedForItsOwnerWithAKeyBesideTheDatabase() throws {
        let installation = try Installation()
        let ann = try installation.principal("ann", roles: ["administrator"])
        let bob = try installation.principal("bob", roles: ["administrator"])
        let (secret, _) = try installation.setUpSecondFactor(ann)
        _ = try installation.setUpSecondFactor(bob)
        let key = installation.data.appendingPathComponent("access.key")
        #expect(try mode(key) == 0o600 && (try Data(contentsOf: key)).count == 32)
        #expect(try !installation.bytesOnDisk().contains(secret))
        // A row that is passed off as another's opens nothing.
        try installation.database.write { db in
            try db.execute(
                "UPDATE second_factors SET secret = (SELECT secret FROM second_factors WHERE user_id = ?)",
                [ann.userID])
        }
        installation.now += 30
        #expect(throws: AccessError.self) {
            try installation.control.authorise(
                bob, .deleteModels, code: installation.code(secret), now: installation.now)
        }
        try installation.control.authorise(ann, .deleteModels, code: installation.code(secret), now: installation.now)
        // Without the key nothing passes, and none is made that would hide that it is gone.
        try FileManager.default.removeItem(at: key)
        installation.now += 30
        let error = #expect(throws: AccessError.self) {
            try installation.control.authorise(
                ann, .deleteModels, code: installation.code(secret), now: installation.now)
        }
        guard case .unavailable(let detail) = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(detail.contains("access.key"))
        let eve = try installation.principal("eve")
        #expect(throws: AccessProblem.store(.wrongKey(path: key.path))) {
            try installation.administration.beginSecondFactor(password: Installation.password, by: installation.by(eve))
        }
        #expect(!FileManager.default.fileExists(atPath: key.path))
    }
}
