import Testing

@testable import HadalPrivacy

@Suite struct NetworkTests {
    @Test(arguments: [
        "a@b.co", "zhang.san+x@mail.example.com.cn", "user@xn--80ak6aa92e.com", "A_b%c@d-e.org", "张san@example.com",
    ])
    func mailAddresses(address: String) {
        let value = address.hasPrefix("张") ? String(address.dropFirst()) : address
        #expect(found("邮箱：\(address)，谢谢") == ["email \(value)"])
        #expect(found("<\(address)>.") == ["email \(value)"])
    }

    @Test(arguments: [
        "a@b", "@b.com", "a@", "a@.com", "a@b.1", "package@1.2.3", "git@github.com:x/y.git", "@types/node", "a.@b.com",
    ])
    func noMailAddresses(text: String) { #expect(found(text).isEmpty) }

    @Test(arguments: [
        "192.168.1.1", "8.8.8.8", "10.0.0.0/8", "2001:db8::1", "fe80::1%eth0", "::ffff:192.0.2.1", "2001:db8::/32",
        "684D:1111:222:3333:4444:5555:6:77",
        "64:ff9b::198.51.100.1", "1::",
    ])
    func addresses(address: String) {
        #expect(found("host \(address), port 80") == ["ip \(address)"])
        #expect(found("[\(address)]:8080") == ["ip \(address)"])
    }

    @Test(arguments: [
        "256.1.1.1", "1.2.3", "1.2.3.4.5", "v1.2.3.4", "version 1.2.3.4", "01.2.3.4", "12:34:56", "2001::db8::1",
        "std::vector", "a::b", "12345:db8::1",
        "fe80::1text", "s[::2]", "(RFC 5280, 4.2.1.12)", "00:1A:2B:3C:4D:5E", ":::", "2001:db8::256.1.1.1",
    ])
    func noAddresses(text: String) { #expect(found(text).isEmpty) }

    @Test func credentialsInURLs() {
        #expect(found("postgres://admin:p@ss@db.local/x") == ["url_credentials admin:p@ss"])
        #expect(found("redis://:secret@127.0.0.1:6379") == ["url_credentials :secret", "ip 127.0.0.1"])
        #expect(found("https://example.com:8080/a@b").isEmpty)
        #expect(found("https://user@example.com/").allSatisfy { !$0.hasPrefix("url") })
    }
}
