import Foundation
import SwiftASN1
import X509

/// A name that a certificate is for (RFC 5280, 4.2.1.6).
public enum SubjectName: Sendable, Hashable {
    /// Lower case; may begin with `*.`.
    case dns(String)
    /// 4 or 16 bytes.
    case ip([UInt8])
    case email(String)
    /// A user of Hadal, by name: the URI `hadal:user:NAME`.
    case user(String)
    /// A gateway, which workers on other machines serve: the URI `hadal:gateway`.
    case gateway

    /// A name of a server, as it is written: `ai.example.org`, `*.example.org`, `192.0.2.1`, `2001:db8::1`.
    public init(server text: String) throws(CertificateError) {
        if let bytes = Self.address(text) {
            self = .ip(bytes)
        } else {
            self = .dns(try Self.checkedHost(text))
        }
    }

    public init(email text: String) throws(CertificateError) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let isAddress =
            parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty && text.utf8.count <= 254
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard isAddress else { throw .badName(text, reason: "it is not an e-mail address in ASCII") }
        self = .email(text)
    }

    public init(user name: String) throws(CertificateError) {
        guard !name.isEmpty, name.utf8.count <= 128 else { throw .badName(name, reason: "it is empty or too long") }
        self = .user(name)
    }

    /// RFC 952 and 1123: letters, digits and hyphens, in parts of up to 63.
    private static func checkedHost(_ text: String) throws(CertificateError) -> String {
        let name = text.lowercased()
        let host = name.hasPrefix("*.") ? name.dropFirst(2) : name[...]
        let isHost = host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            (1...63).contains(part.utf8.count) && part.first != "-" && part.last != "-"
                && part.utf8.allSatisfy { $0 == UInt8(ascii: "-") || $0.isASCIIDigit || $0.isASCIILowerCase }
        }
        guard isHost, name.utf8.count <= 253 else {
            throw .badName(text, reason: "it is neither a host name of letters, digits and hyphens nor an IP address")
        }
        return name
    }

    private static func address(_ text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var sixteen = in6_addr()
        return inet_pton(AF_INET6, text, &sixteen) == 1 ? withUnsafeBytes(of: sixteen) { Array($0) } : nil
    }

    private static let userPrefix = "hadal:user:"
    private static let gatewayURI = "hadal:gateway"
    /// RFC 3986, 2.3.
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    var generalName: GeneralName {
        switch self {
        case .dns(let name): .dnsName(name)
        case .ip(let bytes): .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
        case .email(let address): .rfc822Name(address)
        case .user(let name):
            .uniformResourceIdentifier(
                Self.userPrefix + (name.addingPercentEncoding(withAllowedCharacters: Self.unreserved) ?? ""))
        case .gateway: .uniformResourceIdentifier(Self.gatewayURI)
        }
    }

    /// - Returns: nil for a kind that is none of ours.
    init?(_ name: GeneralName) {
        switch name {
        case .dnsName(let name): self = .dns(name)
        case .ipAddress(let bytes): self = .ip(Array(bytes.bytes))
        case .rfc822Name(let address): self = .email(address)
        case .uniformResourceIdentifier(Self.gatewayURI): self = .gateway
        case .uniformResourceIdentifier(let uri) where uri.hasPrefix(Self.userPrefix):
            guard let name = uri.dropFirst(Self.userPrefix.count).removingPercentEncoding else { return nil }
            self = .user(name)
        default: return nil
        }
    }
}

extension SubjectName: CustomStringConvertible {
    public var description: String {
        switch self {
        case .dns(let name): name
        case .ip(let bytes): Self.text(bytes)
        case .email(let address): address
        case .user(let name): "user \(name)"
        case .gateway: "gateway"
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard bytes.count == 4 || bytes.count == 16, inet_ntop(family, bytes, &buffer, socklen_t(buffer.count)) != nil
        else { return "?" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    fileprivate var isASCIILowerCase: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
}
