import Foundation

/// `20261129T030000.123Z-1a2b3c`: when it was begun, in UTC, and six random digits. Names sort by time. Behind those that lack a
/// file which could not be read stands `-partial`.
public struct SnapshotName: Sendable, Hashable, Comparable, CustomStringConvertible {
    private static let partial = "partial"

    public let time: Date
    public let isPartial: Bool
    public let description: String

    init(_ time: Date, isPartial: Bool = false) {
        let mark = (0..<6).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
        description = Timestamp.text(time) + "-" + mark + (isPartial ? "-" + Self.partial : "")
        (self.time, self.isPartial) = (Timestamp.rounded(time), isPartial)
    }

    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 || (parts.count == 3 && parts[2] == Self.partial),
            let time = Timestamp.date(String(parts[0])), parts[1].utf8.count == 6,
            parts[1].utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        (self.time, isPartial, description) = (time, parts.count == 3, text)
    }

    var object: String { "snapshots/\(description)" }
    /// Where what came after it lies.
    var points: String { "points/\(description)/" }

    public static func < (left: SnapshotName, right: SnapshotName) -> Bool { left.description < right.description }
}

/// What changed since the snapshot, or the point before: `000001-20261129T030010.123Z`.
public struct PointName: Sendable, Hashable {
    public let snapshot: SnapshotName
    /// From 1 on, without gaps.
    public let number: Int
    public let time: Date

    init(_ snapshot: SnapshotName, _ number: Int, _ time: Date) {
        (self.snapshot, self.number, self.time) = (snapshot, number, Timestamp.rounded(time))
    }

    /// - Parameter text: the object's name without `points/SNAPSHOT/`.
    init?(_ snapshot: SnapshotName, _ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 6, let number = Int(parts[0]), number > 0,
            let time = Timestamp.date(String(parts[1]))
        else { return nil }
        (self.snapshot, self.number, self.time) = (snapshot, number, time)
    }

    var object: String {
        let digits = String(number)
        return snapshot.points + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + "-"
            + Timestamp.text(time)
    }
}

/// `20261129T030000.123Z`: a time in UTC, to the millisecond, as part of a name.
enum Timestamp {
    /// What names can tell.
    private static let range = 0.0...253_402_300_799

    private static func milliseconds(_ date: Date) -> Int64 {
        Int64((min(max(date.timeIntervalSince1970, range.lowerBound), range.upperBound) * 1000).rounded())
    }

    static func rounded(_ date: Date) -> Date { Date(timeIntervalSince1970: Double(milliseconds(date)) / 1000) }

    static func text(_ date: Date) -> String {
        let milliseconds = milliseconds(date)
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ value: some BinaryInteger, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return digits(parts.tm_year + 1900, 4) + digits(parts.tm_mon + 1, 2) + digits(parts.tm_mday, 2) + "T"
            + digits(parts.tm_hour, 2) + digits(parts.tm_min, 2) + digits(parts.tm_sec, 2) + "."
            + digits(milliseconds % 1000, 3) + "Z"
    }

    static func date(_ text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard bytes.count == 20, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "."),
            bytes[19] == UInt8(ascii: "Z")
        else { return nil }
        func value(_ range: Range<Int>) -> Int? {
            bytes[range].reduce(0 as Int?) { sum, byte in
                sum.flatMap { (48...57).contains(byte) ? $0 * 10 + Int(byte) - 48 : nil }
            }
        }
        guard let year = value(0..<4), let month = value(4..<6), let day = value(6..<8), let hour = value(9..<11),
            let minute = value(11..<13), let second = value(13..<15), let thousandths = value(16..<19)
        else { return nil }
        var parts = tm()
        parts.tm_year = Int32(year - 1900)
        parts.tm_mon = Int32(month - 1)
        parts.tm_mday = Int32(day)
        parts.tm_hour = Int32(hour)
        parts.tm_min = Int32(minute)
        parts.tm_sec = Int32(second)
        let whole = timegm(&parts)
        let date = Date(timeIntervalSince1970: Double(whole) + Double(thousandths) / 1000)
        // The 31st of February is the 3rd of March to timegm.
        return Self.text(date) == text ? date : nil
    }
}
