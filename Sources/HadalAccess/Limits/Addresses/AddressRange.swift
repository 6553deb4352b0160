/// A range of addresses in CIDR notation (RFC 4632, RFC 4291): `10.0.0.0/8`, `2001:db8::/32`; a lone address is a range
/// of one.
public struct AddressRange: Sendable, Hashable {
    /// The first address.
    let first: IPAddress
    private let highMask: UInt64
    private let lowMask: UInt64
    /// In the notation of the range's kind: at most 32 for IPv4.
    let prefixLength: Int

    /// - Throws: `LimitError.badRange`. Refused are also bits behind the prefix (`10.1.2.3/8`): whether the address or
    ///   the length is the mistake, nobody can tell, and one of both would let in sixteen million others.
    public init(_ text: String) throws(LimitError) {
        func problem(_ problem: String) -> LimitError { .badRange(text, problem: problem) }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard !text.contains("%") else { throw problem("an interface ('%') has no place in it") }
        guard let address = IPAddress(String(parts[0])) else {
            throw problem("'\(parts[0].prefix(64))' is no address; write 192.0.2.0/24 or 2001:db8::/32")
        }
        // `::ffff:10.0.0.0/104` is 10.0.0.0/8: mapped addresses count their prefix from the IPv6 address's begin.
        let isMapped = address.isIPv4 && parts[0].contains(":")
        let longest = address.isIPv4 && !isMapped ? 32 : 128
        let shortest = isMapped ? 96 : 0
        var written = longest
        if parts.count == 2 {
            let digits = parts[1]
            guard (1...3).contains(digits.utf8.count), digits.allSatisfy({ ("0"..."9").contains($0) }),
                let number = Int(digits), (shortest...longest).contains(number), String(number) == digits
            else {
                throw problem("behind '/' must stand a number from \(shortest) to \(longest)")
            }
            written = number
        }
        let bits = longest == 32 ? written + 96 : written
        highMask = bits >= 64 ? .max : ~(.max >> UInt64(bits))
        lowMask = bits <= 64 ? 0 : ~(.max >> UInt64(bits - 64))
        first = address
        prefixLength = address.isIPv4 ? bits - 96 : bits
        guard address.high & ~highMask == 0, address.low & ~lowMask == 0 else {
            let base = IPAddress(high: address.high & highMask, low: address.low & lowMask)
            throw problem("it begins at another address; write \(base)/\(prefixLength), or the address alone")
        }
    }

    /// An IPv6 range has no IPv4 addresses, so that `::/0` is all of IPv6 and nothing else.
    @inline(__always)
    public func contains(_ address: IPAddress) -> Bool {
        address.low & lowMask == first.low && address.high & highMask == first.high && address.isIPv4 == first.isIPv4
    }

    /// - Throws: `LimitError.badRange`, `.tooManyRanges`.
    static func list(_ texts: [String]) throws(LimitError) -> [AddressRange] {
        guard texts.count <= AddressRules.rangesLimit else { throw .tooManyRanges(limit: AddressRules.rangesLimit) }
        var ranges: [AddressRange] = []
        for text in texts { ranges.append(try AddressRange(text)) }
        return ranges
    }
}

extension AddressRange: CustomStringConvertible {
    public var description: String { "\(first)/\(prefixLength)" }
}
