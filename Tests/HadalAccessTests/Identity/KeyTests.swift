import Foundation
import HadalState
import Testing

@testable import HadalAccess

@Suite struct KeyTests {
    @Test func aKeyHasTheFormThatIsPromised() throws {
        let key = try Installation().serviceKey()
        #expect(key.secret.wholeMatch(of: /hadal_[a-z0-9]{8}_[A-Za-z0-9_-]{43}/) != nil)
        #expect(key.secret.hasPrefix("hadal_\(key.key.prefix)_"))
    }

    @Test func theRightKeyIsLetInWithItsRolesAndTenant() throws {
        let installation = try Installation()
        try installation.administration.createTenant(name: "acme", by: installation.root)
        let new = try installation.serviceKey(tenant: "acme", models: .only(["a*"]))
        let principal = try installation.authenticate(key: new.secret)
        #expect(principal.id == new.key.id && principal.keyID == new.key.id && principal.userID == nil)
        #expect(principal.tenant == "acme" && principal.method == .key)
        #expect(principal.permissions == [.useModels, .listModels, .useFiles, .manageOwnKeys])
        #expect(principal.mayUse(model: "ab") && !principal.mayUse(model: "b"))
    }

    @Test func everyOtherTextIsRefused() throws {
        let installation = try Installation()
        let secret = try installation.serviceKey().secret
        var flipped = Array(secret.utf8)
        for index in flipped.indices {
            let old = flipped[index]
            flipped[index] = old == UInt8(ascii: "a") ? UInt8(ascii: "b") : UInt8(ascii: "a")
            let text = String(decoding: flipped, as: UTF8.self)
            #expect(refusal { try installation.authenticate(key: text) } != nil, "byte \(index)")
            flipped[index] = old
        }
        for text in [
            "", "hadal_", secret + "A", String(secret.dropLast()), " " + secret, secret.uppercased(),
            "hadal_'; DROP TABLE",
            String(repeating: "hadal_", count: 100_000), "hadal_\u{0}",
            "hadal_äöüäöüäö_" + String(repeating: "A", count: 39),
        ] {
            #expect(refusal { try installation.authenticate(key: text) } != nil, "\(text.prefix(20))")
        }
        #expect(throws: AccessError.credentialsNeeded) {
            try installation.control.authenticate(Credentials(), now: installation.now)
        }
    }

    @Test func aWrongKeyIsNotSavedByAValidSessionOrCertificate() throws {
        let installation = try Installation()
        try installation.user("ann", links: [.certificateName("ann")])
        let session = try installation.logIn("ann")
        let credentials = Credentials(
            bearer: "hadal_wrong", sessionToken: session.token,
            certificate: .init(fingerprint: "00", commonName: "ann"))
        #expect(refusal { try installation.control.authenticate(credentials, now: installation.now) } != nil)
    }

    @Test func keysExpire() throws {
        let installation = try Installation()
        let key = try installation.serviceKey(expires: installation.now + 10)
        installation.now += 9.9
        _ = try installation.authenticate(key: key.secret)
        installation.now += 0.1
        #expect(refusal { try installation.authenticate(key: key.secret) }?.contains("expired") == true)
    }

    @Test func aRevokedKeyEndsAtOnceAndForGood() throws {
        let installation = try Installation()
        let key = try installation.serviceKey()
        _ = try installation.authenticate(key: key.secret)
        try installation.administration.revokeKey(id: key.key.id, by: installation.root)
        #expect(refusal { try installation.authenticate(key: key.secret) }?.contains("revoked") == true)
        #expect(throws: AccessProblem.self) {
            try installation.administration.rotateKey(id: key.key.id, overlap: 60, by: installation.root)
        }
    }

    @Test func afterARotationTheOldSecretCountsUntilTheOverlapEnds() throws {
        let installation = try Installation()
        let old = try installation.serviceKey()
        let new = try installation.administration.rotateKey(id: old.key.id, overlap: 60, by: installation.root)
        #expect(new.key.id == old.key.id && new.secret != old.secret && new.key.prefix == old.key.prefix)
        #expect(try installation.authenticate(key: old.secret).id == old.key.id)
        #expect(try installation.authenticate(key: new.secret).id == old.key.id)
        installation.now += 60
        #expect(refusal { try installation.authenticate(key: old.secret) }?.contains("older secret") == true)
        #expect(try installation.authenticate(key: new.secret).id == old.key.id)
    }

    @Test func aRotationWithoutOverlapEndsAllOldSecrets() throws {
        let installation = try Installation()
        let first = try installation.serviceKey()
        let administration = installation.administration
        let second = try administration.rotateKey(id: first.key.id, overlap: 3600, by: installation.root)
        let third = try administration.rotateKey(id: first.key.id, overlap: 0, by: installation.root)
        #expect(refusal { try installation.authenticate(key: first.secret) } != nil)
        #expect(refusal { try installation.authenticate(key: second.secret) } != nil)
        _ = try installation.authenticate(key: third.secret)
        #expect(throws: AccessProblem.self) {
            try administration.rotateKey(id: first.key.id, overlap: .infinity, by: installation.root)
        }
        #expect(throws: AccessProblem.self) {
            try administration.rotateKey(id: first.key.id, overlap: -1, by: installation.root)
        }
    }

    @Test func aUsersKeyCanDoNoMoreThanTheUserAtThatTime() throws {
        let installation = try Installation()
        let ann = try installation.principal("ann", roles: ["user", "model-manager"])
        let key = try installation.administration.createKey(
            KeyRequest(name: "k", scopes: [.useModels, .manageModels]), by: installation.by(ann))
        #expect(try installation.authenticate(key: key.secret).permissions == [.useModels, .manageModels])
        #expect(try installation.authenticate(key: key.secret).userID == ann.userID)
        _ = try installation.administration.changeUser(
            named: "ann", UserChange(roles: ["user"]), by: installation.root)
        #expect(try installation.authenticate(key: key.secret).permissions == [.useModels])
        _ = try installation.administration.changeUser(
            named: "ann", UserChange(isEnabled: false), by: installation.root)
        #expect(refusal { try installation.authenticate(key: key.secret) }?.contains("disabled") == true)
        try installation.administration.deleteUser(named: "ann", by: installation.root)
        #expect(refusal { try installation.authenticate(key: key.secret) } != nil)
    }

    @Test func theUseOfAKeyIsRecordedOnceAMinute() throws {
        let installation = try Installation()
        let key = try installation.serviceKey()
        func lastUsed() throws -> Date? {
            installation.control.flush()
            return try installation.database.read { try Directory($0) }.key(id: key.key.id)?.key.lastUsed
        }
        let first = installation.now
        _ = try installation.authenticate(key: key.secret)
        #expect(try lastUsed() == first)
        installation.now += 59
        _ = try installation.authenticate(key: key.secret)
        #expect(try lastUsed() == first)
        installation.now += 1
        _ = try installation.authenticate(key: key.secret)
        #expect(try lastUsed() == first + 60)
    }

    @Test func recordingUseDoesNotMakeTheDirectoryBeReadAgain() throws {
        let installation = try Installation()
        let key = try installation.serviceKey()
        func revisions() throws -> Int64? {
            try installation.database.read { try $0.row("SELECT SUM(number) AS sum FROM revisions")?.integer("sum") }
        }
        let before = try revisions()
        _ = try installation.authenticate(key: key.secret)
        installation.control.flush()
        #expect(try revisions() == before)
    }

    /// By construction: what is compared are digests, by swift-crypto's comparison, which has no early exit. This
    /// looks whether that is so: secrets that are wrong in the first byte and in the last take the same time.
    @Test func comparingTakesNoTimeThatDependsOnTheSecret() {
        let secret = Secret.make()
        let hash = Secret.hash(secret)
        var early = hash
        early[0] ^= 1
        var late = hash
        late[late.count - 1] ^= 1
        #expect(Secret.matches(secret, hash) && !Secret.matches(secret, early) && !Secret.matches(secret, late))
        func nanoseconds(_ other: Data) -> Int64 {
            let clock = ContinuousClock()
            let duration = clock.measure { for _ in 0..<50 { _ = Secret.matches(secret, other) } }
            return duration.components.attoseconds / 1_000_000_000
        }
        // The fastest of many alternating runs: noise only adds.
        var times: [Int64] = [.max, .max]
        for _ in 0..<400 {
            times[0] = min(times[0], nanoseconds(early))
            times[1] = min(times[1], nanoseconds(late))
        }
        #expect(Double(times.max() ?? 0) < 1.25 * Double(times.min() ?? 0), "\(times)")
    }
}
