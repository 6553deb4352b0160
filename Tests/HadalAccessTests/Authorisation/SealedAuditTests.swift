import Crypto
import Foundation
import GRDB
import Testing

@testable import HadalAccess

/// Rows whose persons and details are encrypted.
@Suite struct SealedAuditTests {
    private static let key = SymmetricKey(size: .bits256)

    private static func sealed(_ value: [UInt8], _ context: String) throws -> [UInt8] {
        Array(try ChaChaPoly.seal(value, using: key, authenticating: Data(context.utf8)).combined)
    }

    private static func opened(_ sealed: [UInt8], _ context: String) throws -> [UInt8] {
        let box = try ChaChaPoly.SealedBox(combined: sealed)
        return Array(try ChaChaPoly.open(box, using: key, authenticating: Data(context.utf8)))
    }

    private static func seal(writes: Bool = true) -> AuditSeal {
        let write: @Sendable ([UInt8], String) throws -> [UInt8] = { try sealed($0, $1) }
        return AuditSeal(seal: writes ? write : nil, open: { try opened($0, $1) })
    }

    private static func event(_ number: Int) -> AuditEvent {
        AuditEvent(
            time: Date(timeIntervalSince1970: 1_794_000_000.1234567 + Double(number)),
            by: Principal.local(name: "quagga"), action: "act.\(number)", target: "quagga \(number)",
            outcome: .refused, details: ["why": "a \"quagga\" ☃", "": ""], address: "192.0.2.77",
            requestID: number == 0 ? nil : "req-quagga")
    }

    private static func change(_ installation: Installation, _ sql: String) throws {
        let queue = try DatabaseQueue(path: installation.data.appendingPathComponent("audit.db").path)
        try queue.write { try $0.execute(sql: "DROP TRIGGER IF EXISTS audit_no_update; \(sql)") }
    }

    @Test func sealedAndPlainRowsComeBackTogether() throws {
        let installation = try Installation()
        let plain = try AuditLog(data: installation.data)
        try plain.record(Self.event(0))
        #expect(try !plain.hasSealedRows())
        let sealing = try AuditLog(data: installation.data, seal: Self.seal())
        for number in 1...2 { try sealing.record(Self.event(number)) }
        // Sealing was switched off again.
        let reading = try AuditLog(data: installation.data, seal: Self.seal(writes: false))
        try reading.record(Self.event(3))
        let all = try reading.events(tenant: nil)
        #expect(all.map(\.event) == [3, 2, 1, 0].map(Self.event))
        #expect(all.map(\.number) == [4, 3, 2, 1])
        #expect(try reading.events(tenant: "default", from: Self.event(1).time, to: Self.event(3).time).count == 2)
        #expect(try plain.hasSealedRows())
    }

    @Test func nothingOfASealedRowIsOnTheDisk() throws {
        let installation = try Installation()
        let log = try AuditLog(data: installation.data, seal: Self.seal())
        try log.record(Self.event(1))
        for name in try FileManager.default.contentsOfDirectory(atPath: installation.data.path) {
            let bytes = try Data(contentsOf: installation.data.appendingPathComponent(name))
            for text in ["quagga", "192.0.2.77"] { #expect(bytes.range(of: Data(text.utf8)) == nil, "\(name)") }
        }
    }

    @Test func withoutKeysThatIsSaidAndNothingIsShown() throws {
        let installation = try Installation()
        try AuditLog(data: installation.data, seal: Self.seal()).record(Self.event(1))
        let blind = try AuditLog(data: installation.data)
        let error = #expect(throws: AccessStoreError.self) { try blind.events(tenant: nil) }
        #expect(error?.description.contains("--config") == true)
        // Acts go on all the same.
        try blind.record(Self.event(2))
        #expect(try blind.events(tenant: nil, limit: 1).map(\.event) == [Self.event(2)])
    }

    @Test(arguments: [
        "UPDATE audit SET outcome = 'done' WHERE id = 2", "UPDATE audit SET time = time + 1 WHERE id = 2",
        "UPDATE audit SET tenant = 'red' WHERE id = 2", "UPDATE audit SET action = 'act.3' WHERE id = 2",
        "UPDATE audit SET sealed = (SELECT sealed FROM audit WHERE id = 1) WHERE id = 2",
        "UPDATE audit SET id = 9 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 1",
        "UPDATE audit SET sealed = x'00' WHERE id = 2",
    ]) func aRowThatWasChangedIsNamed(sql: String) throws {
        let installation = try Installation()
        let log = try AuditLog(data: installation.data, seal: Self.seal())
        for number in 1...2 { try log.record(Self.event(number)) }
        try Self.change(installation, sql)
        let error = #expect(throws: AccessStoreError.self) { try log.events(tenant: nil) }
        #expect(error?.description.contains("event \(sql.contains("id = 9") ? 9 : 2)") == true, "\(error as Any)")
        #expect(error?.description.contains("audit.db") == true)
    }
}
