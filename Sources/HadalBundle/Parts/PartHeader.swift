import Foundation

/// The beginning of each part: which bundle it is of, and which number it has there.
///
/// | bytes | |
/// | --- | --- |
/// | 8 | `HADALPT1` |
/// | 16 | the bundle's ID |
/// | 4 | number, from 1 on; little-endian |
struct PartHeader: Hashable {
    static let byteCount = 28
    private static let mark = Array("HADALPT1".utf8)

    /// Of the bundle, as 32 hexadecimal digits.
    let id: String
    let number: Int

    var bytes: [UInt8] {
        let digits = Array(id.utf8)
        let id = stride(from: 0, to: 32, by: 2).map {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)!
        }
        return Self.mark + id + withUnsafeBytes(of: UInt32(number).littleEndian) { Array($0) }
    }

    /// Whether bytes begin as a part does, of whatever bundle.
    static func isOne(_ bytes: [UInt8]) -> Bool { bytes.starts(with: mark) }

    /// What is wrong with a part that should have this header, and at which byte; nil: nothing.
    func difference(to found: [UInt8], name: (Int) -> String) -> (offset: Int64, problem: String)? {
        let own = bytes
        guard Self.isOne(found), found.count == own.count else {
            return (0, "no part of a bundle, or its beginning is damaged; copy it again")
        }
        guard found[8..<24] == own[8..<24] else { return (8, "a part of another bundle; copy it again") }
        guard found != own else { return nil }
        let number = (0..<4).reduce(0) { $0 | Int(found[24 + $1]) << (8 * $1) }
        return (24, "part \(number) of the bundle, so it should be called \(name(number))")
    }
}
