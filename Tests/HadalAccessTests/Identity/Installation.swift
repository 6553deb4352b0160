import Foundation
import Synchronization

@testable import HadalAccess

/// A data directory of its own with everything that works on it, at a time that the test sets.
final class Installation {
    let data: URL
    let database: AccessDatabase
    let control: AccessControl
    let audit = RecordingSink()
    let administration: AccessAdministration
    var now = Date(timeIntervalSince1970: 1_800_000_000)

    init(policy: AccessPolicy = .quick, opensWhenEmpty: Bool = false) throws {
        data = FileManager.default.temporaryDirectory.appendingPathComponent("hadal-access-\(UUID())")
        database = try AccessDatabase(data: data)
        control = try AccessControl(database, policy: policy, opensWhenEmpty: opensWhenEmpty)
        administration = AccessAdministration(control, audit: audit)
    }

    deinit { try? FileManager.default.removeItem(at: data) }

    static let password = "a long enough passphrase"

    /// The operator at the machine.
    var root: Requester { by(.local(name: "root")) }

    func by(_ principal: Principal, code: String? = nil) -> Requester {
        Requester(principal, code: code, address: "192.0.2.1", requestID: "r1", now: now)
    }

    @discardableResult
    func user(
        _ name: String, roles: Set<String> = ["user"], tenant: String = "default", links: Set<IdentityLink> = []
    ) throws -> User {
        try administration.createUser(
            NewUser(name: name, tenant: tenant, roles: roles, password: Installation.password, links: links), by: root)
    }

    func logIn(_ name: String, password: String = password, code: String? = nil) throws -> NewSession {
        try control.logIn(name: name, password: password, code: code, address: "192.0.2.1", now: now)
    }

    /// Somebody who is logged in, and whose second factor counts where they have one.
    func principal(_ name: String, roles: Set<String> = ["user"], tenant: String = "default") throws -> Principal {
        try user(name, roles: roles, tenant: tenant)
        return try logIn(name).principal
    }

    /// One whose second factor was just shown.
    func confirmed(_ name: String, roles: Set<String>, tenant: String = "default") throws -> Principal {
        var principal = try principal(name, roles: roles, tenant: tenant)
        principal.secondFactorUntil = now.addingTimeInterval(300)
        return principal
    }

    func serviceKey(
        roles: Set<String> = ["user"], tenant: String? = nil, scopes: Set<Permission>? = nil, models: ModelScope = .all,
        expires: Date? = nil
    ) throws -> NewKey {
        try administration.createKey(
            KeyRequest(
                name: "service", owner: .service(roles: roles, tenant: tenant), scopes: scopes, models: models,
                expires: expires), by: root)
    }

    func authenticate(key: String) throws -> Principal {
        try control.authenticate(Credentials(bearer: key), now: now)
    }

    func authenticate(_ session: NewSession, isChange: Bool = false, forgeryToken: String? = nil) throws -> Principal {
        try control.authenticate(
            Credentials(sessionToken: session.token, forgeryToken: forgeryToken, isChange: isChange), now: now)
    }

    /// Sets up a second factor. Time goes on by a step, so that the next code is a new one.
    func setUpSecondFactor(_ principal: Principal) throws -> (secret: Data, recoveryCodes: [String]) {
        let setUp = try administration.beginSecondFactor(password: Installation.password, by: by(principal))
        let secret = decodeBase32(setUp.secret)
        let codes = try administration.confirmSecondFactor(code(secret), by: by(principal))
        now += 30
        return (secret, codes)
    }

    func code(_ secret: Data, stepsAway steps: Int64 = 0) -> String {
        TimeCode.code(secret, step: TimeCode.step(at: now) + steps)
    }
}

extension AccessPolicy {
    /// With a cost that tests can afford.
    static var quick: AccessPolicy {
        var policy = AccessPolicy()
        policy.passwordCost = PasswordCost(rounds: 16, blockSize: 8, parallelism: 1)
        return policy
    }
}

/// Keeps events, or fails to.
final class RecordingSink: AuditSink {
    struct Full: Error {}

    private let kept = Mutex<[AuditEvent]>([])
    private let fails = Mutex(false)

    var events: [AuditEvent] { kept.withLock { $0 } }

    var isFull: Bool {
        get { fails.withLock { $0 } }
        set { fails.withLock { $0 = newValue } }
    }

    func record(_ event: AuditEvent) throws {
        if isFull { throw Full() }
        kept.withLock { $0.append(event) }
    }
}

func decodeBase32(_ text: String) -> Data {
    var bytes = Data()
    var bits: UInt32 = 0
    var count = 0
    for byte in text.utf8 {
        let letter = byte >= UInt8(ascii: "A") ? byte - UInt8(ascii: "A") : byte - UInt8(ascii: "2") + 26
        bits = bits << 5 | UInt32(letter)
        count += 5
        if count >= 8 {
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> count))
        }
    }
    return bytes
}

/// What a refused authentication says in the log.
func refusal(_ body: () throws -> some Any) -> String? {
    do {
        _ = try body()
        return nil
    } catch AccessError.credentialsRefused(let detail) {
        return detail
    } catch {
        return "\(error)"
    }
}
