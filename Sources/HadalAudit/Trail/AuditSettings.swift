import Foundation
import Logging

/// How a trail is written. Sizes in bytes, times in seconds.
public struct AuditSettings: Sendable {
    /// What happens where a record cannot be written.
    public enum FailurePolicy: Sendable, Hashable {
        /// `append` throws, so that the caller can refuse what it wanted to record.
        case refuse
        /// `append` returns nil; how many were lost is itself recorded as soon as that is possible.
        case goOn
    }

    public var onFailure: FailurePolicy = .refuse
    /// A segment that has come to this size or age is ended.
    public var segmentSize: UInt64 = 64 << 20
    public var segmentAge: Double = 86_400
    /// A checkpoint is signed after so many records, and so long after a record that is not signed yet.
    public var checkpointRecords = 1000
    public var checkpointInterval: Double = 10
    /// Nothing is written where less than this would stay free: the disk is not filled to the last byte, and the state
    /// says so before it is.
    public var reserve: UInt64 = 64 << 20
    public var retention = AuditRetention()
    public var log = Logger(label: "hadal.audit")
    /// The clock: nanoseconds since 1970.
    public var now: @Sendable () -> Int64 = AuditTime.now

    public init() {}
}

/// How long things are kept, in days.
public struct AuditRetention: Sendable, Hashable {
    public static let standardDays = 180.0

    /// Records by kind; 180 where nothing is said. A segment goes when all its records have passed their time.
    public var records: [AuditRecord.Kind: Double] = [:]
    /// Texts of requests and answers.
    public var contents: Double = 7

    public init() {}

    func days(_ kind: AuditRecord.Kind) -> Double { records[kind] ?? Self.standardDays }

    static func isOver(_ time: Int64, days: Double, now: Int64) -> Bool {
        let (age, hasOverflown) = now.subtractingReportingOverflow(time)
        return !hasOverflown && age > nanoseconds(days)
    }

    static func nanoseconds(_ days: Double) -> Int64 {
        Int64(exactly: (days * 86_400e9).rounded()) ?? .max
    }
}

/// What a trail says of itself.
public struct AuditStatus: Sendable, Hashable {
    /// Why the last append failed; nil where it did not.
    public var failure: AuditError?
    /// Not recorded since the trail was opened, with the policy `goOn`.
    public var lost: UInt64 = 0
    /// Of the last record.
    public var sequence: UInt64 = 0
    /// The chain's hash, in hexadecimal; to be kept elsewhere (`AuditAnchor`).
    public var head = ""
    /// First sequence number of the segment that is written.
    public var segment: UInt64 = 0
    /// Records behind the last signature.
    public var unsigned = 0
    public var isClosed = false
    public internal(set) var trail = ""
    public internal(set) var key: AuditKeyID?
    public internal(set) var recovered: AuditRecovery?

    public var anchor: AuditAnchor { AuditAnchor(sequence: sequence, hash: head) }
}

/// A place in the chain, to be kept where who can change the trail cannot: on paper, in another system, in a timestamp.
public struct AuditAnchor: Sendable, Hashable {
    public var sequence: UInt64
    /// Hexadecimal.
    public var hash: String

    public init(sequence: UInt64, hash: String) {
        self.sequence = sequence
        self.hash = hash
    }
}

/// What opening a trail found at its end.
public struct AuditRecovery: Sendable, Hashable {
    /// Bytes that were no whole record; they lie in `file` now.
    public var cut: UInt64 = 0
    public var file: String?
    /// Whole records that were not signed yet.
    public var unsigned = 0
}
