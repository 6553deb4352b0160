import Foundation
import HadalJSON

extension ValueType<String> {
    /// `HOST:PORT` or `[IPV6]:PORT`.
    static var hostAndPort: ValueType {
        .scalar("HOST:PORT", example: "127.0.0.1:8000") { text, _ throws(WrongValue) in
            guard let colon = text.lastIndex(of: ":"), let port = Digits.number(text[text.index(after: colon)...]),
                port <= 65_535,
                isHost(text[..<colon])
            else {
                throw WrongValue(
                    problem: "\(quoted(text)) is no address to listen on",
                    advice: "write HOST:PORT, such as 127.0.0.1:8000 or '[::]:8000'")
            }
            return text
        } json: {
            .string($0)
        }
    }

    private static func isHost(_ text: Substring) -> Bool {
        if text.hasPrefix("["), text.hasSuffix("]") {
            return IPAddressText.width(String(text.dropFirst().dropLast())) == 128
        }
        return isHostName(String(text))
    }

    /// A name or an IPv4 address.
    static func isHostName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 253
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-" || $0 == "_") }
    }

    /// A host's name or an IP address.
    static func host(example: String) -> ValueType {
        .scalar("host name or IP address", example: example) { text, _ throws(WrongValue) in
            let name = text.hasPrefix("*.") ? String(text.dropFirst(2)) : text
            guard isHostName(name) || IPAddressText.width(text) != nil else {
                throw WrongValue(
                    problem: "\(quoted(text)) is no host name or IP address",
                    advice: "write one without scheme and port, such as \(example)")
            }
            return text
        } json: {
            .string($0)
        }
    }

    /// Addresses by their common beginning (RFC 4632, RFC 4291 section 2.3), or one address.
    static var network: ValueType {
        .scalar("IP address or CIDR block", example: "10.0.0.0/8") { text, _ throws(WrongValue) in
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let width = IPAddressText.width(parts[0]),
                let length = parts.count == 1 ? width : Digits.number(parts[1]), length <= width
            else {
                throw WrongValue(
                    problem: "\(quoted(text)) is no IP address and no CIDR block",
                    advice: "write one such as 10.0.0.0/8, 192.0.2.7 or '2001:db8::/32'")
            }
            if let network = IPAddressText.network(parts[0], length: length) {
                throw WrongValue(
                    problem: "\(quoted(text)) has bits set after its first \(length)",
                    advice: "write \(network)/\(length)")
            }
            return text
        } json: {
            .string($0)
        }
    }
}

extension ValueType<URL> {
    /// An https URL. What is fetched from it decides who gets in, so that http is only taken within this machine.
    /// - Parameter allowsPlain: http may go to other machines too.
    static func url(example: String, allowsPlain: Bool = false) -> ValueType {
        .scalar(allowsPlain ? "http or https URL" : "https URL", example: example) { text, _ throws(WrongValue) in
            let isPlain = text.utf8.count <= 2048 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            guard isPlain, let url = URL(string: text), let host = url.host(percentEncoded: false), !host.isEmpty else {
                throw WrongValue(problem: "this is no URL", advice: "write one such as \(example)")
            }
            guard url.user == nil, url.password == nil else {
                throw WrongValue(
                    problem: "a secret in a URL", advice: "remove what stands between '//' and '@'")
            }
            let isLocal = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host.lowercased())
            switch url.scheme?.lowercased() {
            case "https": return url
            case "http" where isLocal || allowsPlain: return url
            case _ where allowsPlain:
                throw WrongValue(
                    problem: "\(quoted(text)) is of no kind that can be used", advice: "use https or http")
            default:
                throw WrongValue(
                    problem: "\(quoted(text)) does not protect what it carries",
                    advice: "use https; http only to localhost")
            }
        } json: {
            .string($0.absoluteString)
        }
    }
}

/// IP addresses as texts.
enum IPAddressText {
    /// 32 or 128 bits; nil: it is none.
    static func width(_ text: String) -> Int? { bytes(text).map { $0.count * 8 } }

    /// The address with all bits after the first `length` cleared, where one of them is set.
    static func network(_ text: String, length: Int) -> String? {
        guard var bytes = bytes(text) else { return nil }
        let before = bytes
        for bit in length..<(bytes.count * 8) { bytes[bit / 8] &= ~(0x80 >> UInt8(bit % 8)) }
        guard bytes != before else { return nil }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &buffer, socklen_t(buffer.count)) != nil else {
            return nil
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        // inet_pton stops at a NUL.
        guard !text.utf8.contains(0) else { return nil }
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }
}
