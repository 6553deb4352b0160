import HadalState
import Testing

@testable import HadalAccess

@Suite struct LimitStoreTests {
    private func database() throws -> SQLiteState {
        try SQLiteState(inMemory: LimitStore.migrations + AddressRuleStore.migrations)
    }

    @Test func `what is set comes back, replaced and removed`() throws {
        let store = LimitStore(try database())
        let scopes: [LimitScope] = [
            .key("key:1"), .model("m"), .server, .tenant("t"), .tenantModel(tenant: "t", model: "m"), .user("user:1"),
        ]
        for scope in scopes { try store.set(LimitOverride(scope: scope, kind: .tokensPerDay, value: 7)) }
        #expect(try store.all().map(\.scope) == scopes)
        let none = LimitOverride(scope: .server, kind: .tokensPerDay, value: nil)
        try store.set(none)
        try store.set(LimitOverride(scope: .server, kind: .costPerMonth, value: 12_500_000_000))
        #expect(try store.all().filter { $0.scope == .server }.map(\.value) == [12_500_000_000, nil])
        #expect(try store.remove(.tokensPerDay, of: .server))
        #expect(try !store.remove(.tokensPerDay, of: .server))
        #expect(try store.remove(of: .server))
        for scope in scopes.dropFirst().dropLast() where scope != .server { #expect(try store.remove(of: scope)) }
        #expect(try store.all().map(\.scope) == [.key("key:1"), .user("user:1")])
    }

    @Test func `values out of range are refused, and damaged rows too`() throws {
        let database = try database()
        let store = LimitStore(database)
        #expect(throws: LimitError.self) {
            try store.set(LimitOverride(scope: .server, kind: .requestsPerMinute, value: -1))
        }
        try database.write { db in
            try db.execute(
                "INSERT INTO limits VALUES ('later', 'x', '', 'tokens-per-day', 1), ('key', 'x', '', 'later', 1)")
        }
        #expect(try store.all().isEmpty)
        try database.write { db in
            try db.execute("INSERT INTO limits VALUES ('key', 'x', '', 'tokens-per-day', -5)")
        }
        #expect(throws: StateError.self) { try store.all() }
    }

    @Test func `values are read and written as options have them`() throws {
        #expect(try LimitKind.requestsPerMinute.value(parsing: "100") == 100)
        #expect(try LimitKind.requestsPerMinute.value(parsing: "none") == nil)
        #expect(try LimitKind.costPerMonth.value(parsing: "12.5") == 12_500_000_000)
        #expect(LimitKind.costPerMonth.text(12_500_000_000) == "12.5")
        #expect(Cost(billionths: 14).description == "0.000000014")
        #expect(Cost(billionths: -1_500_000_000).description == "-1.5")
        for text in ["-1", "1.5", "", "1000000001", "99999999999999999999", "١"] {
            #expect(throws: LimitError.badValue(.requestsPerMinute, text)) {
                try LimitKind.requestsPerMinute.value(parsing: text)
            }
        }
        for text in ["-1", "nan", "inf", "1e10", "x"] {
            #expect(throws: LimitError.badValue(.costPerMonth, text)) {
                try LimitKind.costPerMonth.value(parsing: text)
            }
        }
        #expect(throws: LimitError.self) { try LimitScope(key: "a", user: "b") }
        #expect(throws: LimitError.self) { try LimitScope(key: "") }
        #expect(try LimitScope(tenant: "t", model: "m") == .tenantModel(tenant: "t", model: "m"))
        #expect(throws: LimitError.self) { try ModelPrice(pattern: "*", promptPerMillion: -1, answerPerMillion: 1) }
        #expect(throws: LimitError.self) { try ModelPrice(pattern: "*", promptPerMillion: .nan, answerPerMillion: 1) }
        #expect(throws: LimitError.self) { try ModelPrice(pattern: "", promptPerMillion: 1, answerPerMillion: 1) }
    }

    @Test func `address rules come back, replaced and removed`() throws {
        let database = try database()
        let store = AddressRuleStore(database)
        let rules = try AddressRules(
            allow: ["10.0.0.0/8", "2001:db8::/32"], deny: ["10.6.0.0/16", "::ffff:10.7.0.0/112"])
        try store.set(rules, for: .tenant("t"))
        try store.set(try AddressRules(deny: ["192.0.2.7"]), for: .key("key:1"))
        let read = try store.all()
        #expect(Set(read[.tenant("t")]?.allow ?? []) == Set(rules.allow))
        #expect(Set(read[.tenant("t")]?.deny ?? []) == Set(rules.deny))
        #expect(read[.key("key:1")]?.deny.map(\.description) == ["192.0.2.7/32"])
        try store.set(.all, for: .tenant("t"))
        #expect(try store.all().keys.map(\.self) == [.key("key:1")])
        try database.write { try $0.execute("UPDATE addressRanges SET range = 'everybody'") }
        #expect(throws: LimitError.self) { try store.all() }
    }
}
