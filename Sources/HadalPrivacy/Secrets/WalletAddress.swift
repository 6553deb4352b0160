/// Addresses of Bitcoin (base58 and bech32), Tron and Ethereum wallets.
enum WalletAddress {
    static func recognize(_ run: Range<Int>, in text: ScannedText) -> Finding? {
        guard (26...90).contains(run.count) else { return nil }
        let confidence: Confidence
        switch text[run.lowerBound] {
        case UInt8(ascii: "1"), UInt8(ascii: "3"), UInt8(ascii: "T"):
            guard run.count <= 34, isBase58(run, text) else { return nil }
            confidence = .form
        case UInt8(ascii: "0"):
            guard run.count == 42, text[run.lowerBound + 1] == UInt8(ascii: "x"),
                (run.lowerBound + 2..<run.upperBound).allSatisfy({ text[$0].isHex })
            else { return nil }
            confidence = .form
        case UInt8(ascii: "b"), UInt8(ascii: "B"):
            guard text.has("bc1", at: run.lowerBound), isBech32(run, text) else { return nil }
            confidence = .checked
        default: return nil
        }
        return Finding(kind: .wallet, range: run, confidence: confidence)
    }

    /// By byte: its value in base 58, or 255.
    private static let base58: [UInt8] = table("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
    private static let bech32: [UInt8] = table("qpzry9x8gf2tvdw0s3jn54khce6mua7l")

    private static func table(_ alphabet: String) -> [UInt8] {
        var table = [UInt8](repeating: 255, count: 256)
        for (value, byte) in alphabet.utf8.enumerated() { table[Int(byte)] = UInt8(value) }
        return table
    }

    /// 25 bytes that begin with the version its first character stands for; capitals, small letters and digits, which a
    /// hash in hexadecimal does not have.
    private static func isBase58(_ run: Range<Int>, _ text: ScannedText) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 25)
        for place in run {
            var carry = Int(base58[Int(text[place])])
            guard carry < 58 else { return false }
            for index in bytes.indices.reversed() {
                carry += Int(bytes[index]) * 58
                bytes[index] = UInt8(carry & 0xFF)
                carry >>= 8
            }
            guard carry == 0 else { return false }
        }
        let version: UInt8 =
            text[run.lowerBound] == UInt8(ascii: "1") ? 0 : text[run.lowerBound] == UInt8(ascii: "3") ? 5 : 0x41
        let isMixed =
            run.contains { text[$0].isUpper } && run.contains { text[$0].isLower } && run.contains { text[$0].isDigit }
        return bytes[0] == version && isMixed
    }

    /// The checksum of BIP 173 and BIP 350 over "bc" and what follows its separator.
    private static func isBech32(_ run: Range<Int>, _ text: ScannedText) -> Bool {
        var sum: UInt32 = 1
        func add(_ value: UInt8) {
            let top = sum >> 25
            sum = (sum & 0x1FF_FFFF) << 5 ^ UInt32(value)
            for (bit, generator) in [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3].enumerated()
            where top >> UInt32(bit) & 1 == 1 { sum ^= UInt32(generator) }
        }
        for value in [3, 3, 0, 2, 3] as [UInt8] { add(value) }
        for place in run.dropFirst(3) {
            let value = bech32[Int(text[place].lowercase)]
            guard value < 32 else { return false }
            add(value)
        }
        return sum == 1 || sum == 0x2BC8_30A3
    }
}
