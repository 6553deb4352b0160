import Testing

@testable import HadalAccess

@Suite struct LimitAddressTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("10.0.0.0/8", "9.255.255.255", false),
        ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false), ("192.0.2.6/31", "192.0.2.7", true),
        ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "2001:db8::1", true),
        ("::/0", "203.0.113.9", false), ("::/0", "::ffff:203.0.113.9", false), ("10.0.0.0/8", "::ffff:10.1.2.3", true),
        ("10.0.0.0/8", "::FFFF:0a01:0203", true), ("::ffff:10.0.0.0/104", "10.9.9.9", true),
        ("::ffff:10.0.0.0/104", "11.0.0.0", false), ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/32", "2001:db9::1", false), ("2001:db8::/64", "2001:db8:0:0:ffff::", true),
        ("2001:db8::/65", "2001:db8:0:0:8000::", false), ("2001:db8::/65", "2001:db8:0:0:7fff::", true),
        ("2001:db8::1", "2001:db8::1", true), ("2001:db8::1/128", "2001:db8::2", false),
        ("fe80::/10", "fe80::1%eth0", true), ("::1", "0:0:0:0:0:0:0:1", true), ("::/96", "::10.0.0.1", true),
    ])
    func `a range has the addresses of its prefix and family`(_ range: String, _ address: String, _ isIn: Bool) throws {
        #expect(try AddressRange(range).contains(try #require(IPAddress(address))) == isIn)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0.0/ 8",
        "10.0.0.0/٨", "10.0.0/8", "10.0.0.0.0/8", "010.0.0.0/8", "10.0.0.256", "0x0a.0.0.0/8", "10.1.2.3/8",
        "2001:db8::/129",
        "2001:db8::1/64", "2001:::1", "::ffff:10.0.0.0/95", "::ffff:10.0.0.1/104", "fe80::1%eth0/128", "fe80::%1/10",
        "[::1]", "::1/128 ", "localhost", "10.0.0.0\u{0}/8", "1.2.3.4\u{0}5", "10.0.0.0/99999999999999999999",
    ])
    func `a malformed range is refused`(_ text: String) {
        #expect { try AddressRange(text) } throws: { error in
            guard case LimitError.badRange(let named, _) = error else { return false }
            return named == text
        }
    }

    @Test func `a refusal tells what to write instead`() {
        let error = #expect(throws: LimitError.self) { try AddressRange("10.1.2.3/8") }
        #expect(error?.description.contains("write 10.0.0.0/8") == true)
        let six = #expect(throws: LimitError.self) { try AddressRange("2001:db8::1/32") }
        #expect(six?.description.contains("write 2001:db8::/32") == true)
    }

    @Test(arguments: [
        "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4%eth0", "::1%", "::g", "1.2.3.4\u{0}", "",
        "1:2:3:4:5:6:7:8:9", "::1\u{0}%x", "１.2.3.4", String(repeating: "1", count: 5000),
        "::1%" + String(repeating: "x", count: 90),
    ])
    func `what is no address is none`(_ text: String) { #expect(IPAddress(text) == nil) }

    @Test func `an address is written as it is usual`() {
        #expect(IPAddress("::ffff:192.0.2.7")?.description == "192.0.2.7")
        #expect(IPAddress("2001:0DB8:0::0001")?.description == "2001:db8::1")
    }

    @Test func `deny wins, and an empty allow list lets everybody in`() throws {
        func allows(_ rules: AddressRules, _ address: String) throws -> Bool {
            rules.allows(try #require(IPAddress(address)))
        }
        let both = try AddressRules(allow: ["10.0.0.0/8", "2001:db8::/32"], deny: ["10.6.0.0/16"])
        #expect(try allows(both, "10.5.0.1"))
        #expect(try !allows(both, "10.6.0.1"))
        #expect(try !allows(both, "::ffff:10.6.0.1"))
        #expect(try !allows(both, "192.0.2.1"))
        let denyOnly = try AddressRules(deny: ["10.6.0.0/16"])
        #expect(try allows(denyOnly, "192.0.2.1"))
        #expect(try !allows(denyOnly, "10.6.0.1"))
        #expect(try allows(.all, "2001:db8::1"))
        #expect(throws: LimitError.tooManyRanges(limit: AddressRules.rangesLimit)) {
            try AddressRules(allow: Array(repeating: "10.0.0.1", count: AddressRules.rangesLimit + 1))
        }
    }

    @Test func `rules of server, tenant and key must all let a request in`() throws {
        let rules = AddressGuard(
            server: try AddressRules(deny: ["203.0.113.0/24"]),
            subjects: [
                .tenant("blue"): try AddressRules(allow: ["10.0.0.0/8"]),
                .key("key:1"): try AddressRules(allow: ["10.1.0.0/16"]),
            ])
        func check(_ address: String, tenant: String, key: String?) throws {
            let principal = Principal(
                id: "x", name: "x", keyID: key, tenant: tenant, method: .key, permissions: [])
            let address = try #require(IPAddress(address))
            try rules.check(address)
            try rules.check(address, for: principal)
        }
        try check("10.1.0.1", tenant: "blue", key: "key:1")
        try check("10.2.0.1", tenant: "blue", key: "key:2")
        try check("192.0.2.1", tenant: "red", key: nil)
        #expect(throws: AccessError.addressNotAllowed("10.2.0.1")) {
            try check("10.2.0.1", tenant: "blue", key: "key:1")
        }
        #expect(throws: AccessError.addressNotAllowed("192.0.2.1")) { try check("192.0.2.1", tenant: "blue", key: nil) }
        #expect(throws: AccessError.addressNotAllowed("203.0.113.5")) {
            try check("203.0.113.5", tenant: "red", key: nil)
        }
    }
}

@Suite struct LimitProxyTests {
    private func client(
        _ peer: String, _ lines: String..., trusted: [String] = ["10.0.0.0/8", "2001:db8::/32"],
        header: TrustedProxies.Header = .xForwardedFor
    ) throws -> String {
        let proxies = try TrustedProxies(trusted, header: header)
        return proxies.client(peer: try #require(IPAddress(peer)), lines).description
    }

    @Test func `a stranger is not believed`() throws {
        #expect(try client("198.51.100.1", "10.0.0.1") == "198.51.100.1")
        #expect(try client("10.0.0.1", "1.2.3.4", trusted: []) == "10.0.0.1")
    }

    @Test func `the client is the rightmost address that is no proxy of ours`() throws {
        #expect(try client("10.0.0.1", "203.0.113.7") == "203.0.113.7")
        #expect(try client("::ffff:10.0.0.1", "203.0.113.7") == "203.0.113.7")
        #expect(try client("10.0.0.1", "127.0.0.1, 203.0.113.7") == "203.0.113.7")
        #expect(try client("10.0.0.1", "127.0.0.1, 203.0.113.7, 10.0.0.9 ,2001:db8::5") == "203.0.113.7")
        #expect(try client("10.0.0.1", "1.1.1.1", "203.0.113.7", "10.0.0.9") == "203.0.113.7")
        #expect(try client("10.0.0.1", "10.0.0.7, 10.0.0.8") == "10.0.0.7")
        #expect(try client("10.0.0.1") == "10.0.0.1")
        #expect(try client("10.0.0.1", "203.0.113.7, ,") == "203.0.113.7")
    }

    @Test func `ports and brackets are left out`() throws {
        #expect(try client("10.0.0.1", "203.0.113.7:4711") == "203.0.113.7")
        #expect(try client("10.0.0.1", "[2001:db9::7]:4711") == "2001:db9::7")
        #expect(try client("10.0.0.1", "2001:db9::7") == "2001:db9::7")
        #expect(try client("10.0.0.1", "[2001:db9::7]") == "2001:db9::7")
    }

    @Test(arguments: [
        "unknown", "_hidden", "1.2.3", "203.0.113.7:", "203.0.113.7:99999", "[203.0.113.7]", "[2001:db9::7", "a b",
        "\"",
        "1.2.3.4\u{0}",
    ])
    func `behind garbage nobody is believed`(_ garbage: String) throws {
        #expect(try client("10.0.0.1", "127.0.0.1, \(garbage)") == "10.0.0.1")
        #expect(try client("10.0.0.1", "127.0.0.1, \(garbage), 10.0.0.9") == "10.0.0.9")
    }

    @Test(arguments: [
        "\"", "\"\"\"", "for=\"x", "\u{0600}", "\u{0600},\u{0600}", ",\u{0301}", "\\", "\"\\",
        String(repeating: "1.2.3.4,", count: 10_000),
        String(repeating: "x", count: 100_000),
    ])
    func `nothing that a client writes hides what a proxy adds`(_ written: String) throws {
        #expect(try client("10.0.0.1", "\(written), 203.0.113.7") == "203.0.113.7")
        #expect(try client("10.0.0.1", "\(written),203.0.113.7") == "203.0.113.7")
        #expect(try client("10.0.0.1", "\(written), for=203.0.113.7", header: .forwarded) == "203.0.113.7")
        #expect(try client("10.0.0.1", written, "203.0.113.7") == "203.0.113.7")
    }

    @Test func `Forwarded is read as RFC 7239 has it`() throws {
        func forwarded(_ line: String) throws -> String { try client("10.0.0.1", line, header: .forwarded) }
        #expect(try forwarded("for=203.0.113.7;proto=https;by=10.0.0.1") == "203.0.113.7")
        #expect(try forwarded("For=\"[2001:db9::7]:4711\"") == "2001:db9::7")
        #expect(try forwarded("proto=https; FOR=203.0.113.7") == "203.0.113.7")
        #expect(try forwarded("for=1.1.1.1, for=203.0.113.7, for=10.0.0.9") == "203.0.113.7")
        #expect(try forwarded("for=1.1.1.1, for=203.0.113.7;host=\"a,b\"") == "203.0.113.7")
        for garbage in [
            "for=unknown", "for=_x", "proto=https", "for=1.1.1.1;for=2.2.2.2", "for", "for=\"1.1.1.1", "for=",
        ] {
            #expect(try forwarded("for=127.0.0.1, \(garbage)") == "10.0.0.1", "\(garbage)")
        }
    }

    @Test func `a chain of proxies without end is read only so far`() throws {
        let chain = (0..<10_000).map { "10.0.\($0 / 250).\($0 % 250)" }.joined(separator: ", ")
        #expect(try client("10.0.0.1", chain) == "10.0.39.186")
        #expect(try client("10.0.0.1", "203.0.113.7" + String(repeating: ", 10.0.0.9", count: 63)) == "203.0.113.7")
    }

    @Test func `only the header that our proxies write counts`() throws {
        #expect(try client("10.0.0.1", "for=203.0.113.7") == "10.0.0.1")
        #expect(try client("10.0.0.1", "203.0.113.7", header: .forwarded) == "10.0.0.1")
    }
}
