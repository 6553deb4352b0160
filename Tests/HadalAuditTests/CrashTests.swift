import Foundation
import HadalJSON
import Synchronization
import TestSupport
import Testing

@testable import HadalAudit

/// Writes down what was acknowledged, and ends the process in the middle of everything else.
private final class Acknowledgements: Sendable {
    private let file: Int32
    private let count = Atomic(0)
    private let killAt: Int

    init(_ path: String, killAt: Int) {
        file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        self.killAt = killAt
    }

    func add(_ id: String) {
        let line = Array((id + "\n").utf8)
        _ = write(file, line, line.count)
        if count.add(1, ordering: .relaxed).newValue == killAt { kill(getpid(), SIGKILL) }
    }
}

private func appendForEver(to trail: AuditTrail, _ task: Int, _ acknowledgements: Acknowledgements) async {
    var number = 0
    while true {
        let record = Trails.record(task * 100_000 + number)
        do {
            try await trail.append(record, input: .full(String(repeating: "x", count: 3000)))
        } catch {
            return
        }
        acknowledgements.add(record.id)
        number += 1
    }
}

@Suite(.serialized) struct CrashTests {
    let directory: TemporaryDirectory
    var data: String { directory.path }

    init() throws { directory = try TemporaryDirectory() }

    /// The trail as it lies on the disk while it is open, as after a kill.
    private func crashed(_ records: Int) async throws -> String {
        let trail = try AuditTrail(data: data, keys: nil, settings: Trails.settings())
        for number in 0..<records { try await trail.append(Trails.record(number), input: .full("text")) }
        let copy = directory.file("crashed")
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        try Trails.copy(data + "/audit", to: copy + "/audit")
        try await trail.close()
        return copy
    }

    @Test func aTornLastRecordIsCutReportedAndKept() async throws {
        let copy = try await crashed(3)
        let path = try #require(try Trails.segments(copy).first)
        let whole = try Trails.read(path)
        let last = try #require(try Trails.frames(path).frames.last)
        #expect(last.header.sequence == 4)
        let original = directory.file("original")
        try Trails.copy(copy + "/audit", to: original)
        for end in stride(from: Int(last.offset) + 1, to: whole.count, by: 7) {
            try Trails.copy(original, to: copy + "/audit")
            try Trails.write(whole[..<end], path)
            #expect(try Trails.report(copy).findings.map(\.kind) == [.torn])
            let trail = try AuditTrail(data: copy, keys: nil, settings: Trails.settings())
            let recovered = try #require(trail.status.recovered)
            #expect(recovered.cut == UInt64(end) - last.offset)
            #expect(recovered.unsigned == 2)
            #expect(try Trails.read(try #require(recovered.file)) == Array(whole[Int(last.offset)..<end]))
            try await trail.close()
            let report = try Trails.report(copy)
            #expect(report.isValid, "\(report.findings)")
            let records = try Trails.search(copy)
            #expect(records.map(\.sequence) == [5, 4, 3, 2, 1])
            #expect(records[1].action == "trail.open")
            #expect(records[1].details?["cut_bytes"]?.int == Int(recovered.cut))
        }
    }

    @Test func whatThePowerCutLeftEmptyIsCut() async throws {
        let copy = try await crashed(8)
        let path = try #require(try Trails.segments(copy).first)
        let last = try #require(try Trails.frames(path).frames.last)
        var bytes = try Trails.read(path)
        bytes += [UInt8](repeating: 0, count: 3000)
        try Trails.write(bytes, path)
        #expect(try AuditTrail(data: copy, keys: nil, settings: Trails.settings()).status.recovered?.cut == 3000)
        #expect(try Trails.frames(path).frames.contains { $0.offset == last.offset })
    }

    @Test func aChangedRecordBehindTheLastSignatureIsNoCrash() async throws {
        let copy = try await crashed(3)
        let path = try #require(try Trails.segments(copy).first)
        let whole = try Trails.read(path)
        let frames = try Trails.frames(path).frames.suffix(3)
        // Also where the length says that the record goes on beyond the file's end.
        for frame in frames {
            for place in [0, 2, 9, FrameHeader.size + 5, frame.bytes.count - 1] {
                var bytes = whole
                bytes[Int(frame.offset) + place] ^= 0x40
                try Trails.write(bytes, path)
                guard
                    case .damaged = await Trails.failure({
                        _ = try AuditTrail(data: copy, keys: nil, settings: Trails.settings())
                    })
                else {
                    Issue.record("byte \(place) of record \(frame.header.sequence) was not noticed")
                    continue
                }
                #expect(try Trails.read(path) == bytes)
            }
        }
    }

    @Test(arguments: [60, 131, 257]) func aKillInMidWriteLosesNoAcknowledgedRecord(kills: Int) async throws {
        await #expect(processExitsWith: .signal(SIGKILL)) { [data = data as String, kills = kills as Int] in
            var settings = Trails.settings()
            settings.segmentSize = 60_000
            settings.checkpointRecords = 20
            let trail = try AuditTrail(data: data, keys: nil, settings: settings)
            let acknowledgements = Acknowledgements(data + "/acknowledged", killAt: kills)
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<16 { group.addTask { await appendForEver(to: trail, task, acknowledgements) } }
            }
        }
        let lines = String(decoding: try Trails.read(data + "/acknowledged"), as: UTF8.self).split(separator: "\n")
        #expect(lines.count >= kills)
        let trail = try AuditTrail(data: data, keys: nil, settings: Trails.settings())
        try await trail.close()
        let report = try Trails.report(data)
        #expect(report.isValid, "\(report.findings)")
        let records = try Trails.search(data)
        let recorded = Set(records.map(\.id))
        #expect(lines.allSatisfy { recorded.contains(String($0)) })
        let contents = try AuditContents(data: data)
        for record in records where record.kind == .request { #expect(try contents.input(of: record).count == 3000) }
    }

    @Test func aFullDiskIsRefusedAndLeavesNoHalfRecord() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let data = directory.path
            let trail = try AuditTrail(data: data, keys: nil, settings: Trails.settings())
            try await trail.append(Trails.record(1))
            FileSizes.limit(20_000)
            var long = Trails.record(2)
            long.details = .string(String(repeating: "x", count: 30_000))
            guard case .system(_, _, EFBIG) = await Trails.failure({ try await trail.append(long) }) else { exit(1) }
            #expect(trail.status.failure != nil)
            // The same with a text.
            guard
                case .system(_, _, EFBIG) = await Trails.failure({
                    try await trail.append(Trails.record(3), input: .full(String(repeating: "x", count: 30_000)))
                })
            else { exit(1) }
            try await trail.append(Trails.record(4), input: .full("short"))
            #expect(trail.status.failure == nil)
            try await trail.close()
            #expect(try Trails.report(data).isValid)
            #expect(try Trails.search(data).map(\.id).filter { $0.hasPrefix("id-") } == ["id-4", "id-1"])
        }
    }

    @Test func withThePolicyToGoOnLossIsCountedAndRecorded() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let data = directory.path
            var settings = Trails.settings()
            settings.onFailure = .goOn
            let trail = try AuditTrail(data: data, keys: nil, settings: settings)
            FileSizes.limit(3000)
            var lost: UInt64 = 0
            for number in 0..<10 where try await trail.append(Trails.record(number)) == nil { lost += 1 }
            #expect(lost > 0)
            #expect(trail.status.lost == lost)
            #expect(trail.status.failure != nil)
            FileSizes.limit(nil)
            #expect(try await trail.append(Trails.record(11)) != nil)
            try await trail.close()
            let records = try Trails.search(data)
            #expect(records.first { $0.action == "trail.lost" }?.details?["records"]?.int == Int(lost))
            #expect(try Trails.report(data).isValid)
        }
    }

    @Test func theLastBytesOfADiskAreLeftFree() async throws {
        var settings = Trails.settings()
        settings.reserve = .max
        do {
            let trail = try AuditTrail(data: data, keys: nil, settings: settings)
            guard case .noSpace = trail.status.failure,
                case .noSpace = await Trails.failure({ try await trail.append(Trails.record(1)) })
            else {
                Issue.record("it was written although too little is free")
                return
            }
        }
        #expect(try Trails.search(data) == [])
        let trail = try AuditTrail(data: data, keys: nil, settings: Trails.settings())
        #expect(trail.status.failure == nil)
        try await trail.close()
        #expect(try Trails.search(data).compactMap(\.action) == ["trail.close", "trail.open"])
        #expect(try Trails.report(data).isValid)
    }
}
