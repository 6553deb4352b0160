import Foundation
import TestSupport
import Testing

@testable import HadalSecrets

@Suite struct EncryptedLogTests {
    private let directory: TemporaryDirectory
    private let keys: DataKeys
    private var path: String { directory.file("audit.log") }
    private let context = "audit/default"
    private var headerSize: Int { 74 + context.utf8.count + 32 }

    init() async throws {
        directory = try TemporaryDirectory()
        keys = try await Fixtures.keys(in: directory).0
    }

    private func open() throws -> EncryptedLog {
        try EncryptedLog(path, keys: keys, purpose: .audit, context: context)
    }

    private func read(_ path: String? = nil) throws -> (records: [[UInt8]], ending: EncryptedLogReader.Ending) {
        var records: [[UInt8]] = []
        let ending = try EncryptedLogReader.read(path ?? self.path, keys: keys, context: context) { record, _ in
            records.append(record)
        }
        return (records, ending)
    }

    /// A log of these records, and where each of them begins in the file.
    private func write(_ records: [[UInt8]]) throws -> [Int] {
        let log = try open()
        for record in records { try log.append(record) }
        try log.synchronize()
        var starts: [Int] = []
        try EncryptedLogReader.read(path, keys: keys) { _, offset in starts.append(Int(offset)) }
        return starts
    }

    /// A process that is forked meanwhile has all descriptors until it runs its program.
    @Test func aLogThatWasLetGoCanBeOpenedAgainWhateverAChildStillHas() throws {
        var log: EncryptedLog? = try open()
        #expect(throws: SecretsError.busy(path: path)) { try open() }
        let held = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }
            .filter { (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path }
            .map { dup($0) }
        defer { for descriptor in held { close(descriptor) } }
        #expect(held.count == 1 && log != nil)
        log = nil
        _ = try open()
    }

    @Test func whatIsAppendedIsReadBackAlsoAfterReopening() throws {
        var random = SplitMix(state: 5)
        var all: [[UInt8]] = []
        for _ in 0..<5 {
            let log = try open()
            #expect(log.recovered == nil)
            for _ in 0..<20 {
                let record = Fixtures.bytes(Int.random(in: 0...3000, using: &random), seed: random.next())
                try log.append(record)
                all.append(record)
            }
            #expect(try read().records == all)
        }
        #expect(try read().ending == .open)
    }

    @Test func aFinishedLogSaysSoAndTakesNothingMore() throws {
        let log = try open()
        try log.append([1])
        try log.finish()
        #expect(throws: SecretsError.self) { try log.append([2]) }
        #expect(try read().records == [[1]])
        #expect(try read().ending == .finished)
    }

    @Test func aFinishedLogIsNotOpenedAgain() throws {
        try open().finish()
        guard case .unsupported = Fixtures.failure({ _ = try open() }) else {
            Issue.record("it was opened")
            return
        }
    }

    @Test func aRecordThatACrashCutOffIsCutOffWhereverItWasCut() throws {
        let starts = try write([Fixtures.bytes(10), Fixtures.bytes(500), Fixtures.bytes(40)])
        let whole = try Fixtures.read(path)
        for end in starts[2] + 1..<whole.count {
            try Fixtures.write(Array(whole[..<end]), path)
            #expect(try read().ending == .torn(offset: UInt64(starts[2]), count: UInt64(end - starts[2])))
            do {
                let log = try open()
                #expect(log.recovered?.offset == UInt64(starts[2]))
                #expect(log.recovered?.count == UInt64(end - starts[2]))
                try log.append([7])
            }
            #expect(try read().records == [Fixtures.bytes(10), Fixtures.bytes(500), [7]])
            #expect(try open().recovered == nil)
        }
    }

    @Test func aRecordOfWhichOnlyTheLengthReachedTheDiskIsCutOff() throws {
        let starts = try write([Fixtures.bytes(10), Fixtures.bytes(5000)])
        var bytes = try Fixtures.read(path)
        // All zero, and zero from the second block of the disk on.
        for zeros in [starts[1]..<bytes.count, (starts[1] + 4096)..<bytes.count] {
            bytes.replaceSubrange(zeros, with: repeatElement(0, count: zeros.count))
        }
        try Fixtures.write(bytes, path)
        #expect(try open().recovered?.offset == UInt64(starts[1]))
        #expect(try read().records == [Fixtures.bytes(10)])
        let again = try write([Fixtures.bytes(5000)])
        bytes = try Fixtures.read(path)
        bytes.replaceSubrange((again[1] + 4096)..., with: repeatElement(0, count: bytes.count - again[1] - 4096))
        try Fixtures.write(bytes, path)
        #expect(try open().recovered?.offset == UInt64(again[1]))
    }

    @Test func aChangedRecordInTheMiddleIsAnErrorAndNothingIsCutOff() throws {
        let starts = try write([Fixtures.bytes(30), Fixtures.bytes(30), Fixtures.bytes(30)])
        let whole = try Fixtures.read(path)
        for bit in starts[0] * 8..<starts[1] * 8 {
            try Fixtures.flip(bit: bit, in: path)
            let error = Fixtures.failure { _ = try read() }
            #expect(error == .damaged(path: path, part: "record", offset: UInt64(starts[0])), "bit \(bit)")
            // To append, only the records' beginnings are looked at.
            if bit < (starts[0] + LogRecord.frameSize) * 8 { #expect(throws: SecretsError.self) { try open() } }
            #expect(try Fixtures.read(path).count == whole.count)
            try Fixtures.write(whole, path)
        }
    }

    @Test func everyFlippedBitOfTheHeaderIsFound() throws {
        _ = try write([[1]])
        for bit in 0..<headerSize * 8 {
            try Fixtures.flip(bit: bit, in: path)
            #expect(throws: SecretsError.self, "bit \(bit)") { try read() }
            #expect(throws: SecretsError.self, "bit \(bit)") { try open() }
            try Fixtures.flip(bit: bit, in: path)
        }
    }

    @Test func recordsThatAreExchangedRemovedOrRepeatedAreFound() throws {
        let starts = try write((0..<4).map { Fixtures.bytes(30, seed: $0) })
        let whole = try Fixtures.read(path)
        let size = starts[1] - starts[0]
        let records = starts.map { whole[$0..<$0 + size] }
        for order in [[1, 0, 2, 3], [0, 2, 3], [0, 1, 1, 2, 3], [1, 2, 3], [0, 1, 3, 2]] {
            try Fixtures.write(Array(whole[..<headerSize]) + order.flatMap { records[$0] }, path)
            #expect(throws: SecretsError.self, "\(order)") { try read() }
        }
    }

    /// A crash cut a record off and others took its place; somebody who has a copy of the log from before puts it back.
    @Test func aRecordFromACopyOfTheLogDoesNotComeBack() throws {
        let starts = try write([[1], [2]])
        let copy = try Fixtures.read(path)
        try Fixtures.write(Array(copy[..<(starts[1] + 5)]), path)
        _ = try write([[3], [4]])
        var mixed = try Fixtures.read(path)
        mixed.replaceSubrange(starts[1]..<copy.count, with: copy[starts[1]...])
        try Fixtures.write(mixed, path)
        #expect(throws: SecretsError.self) { try read() }
    }

    @Test func recordsOfAnotherLogAreFound() throws {
        _ = try write([[1], [2]])
        let other = directory.file("other.log")
        do {
            let log = try EncryptedLog(other, keys: keys, purpose: .audit, context: context)
            try log.append([3])
            try log.append([4])
        }
        let (first, second) = (try Fixtures.read(path), try Fixtures.read(other))
        try Fixtures.write(Array(first[..<headerSize]) + second[headerSize...], path)
        #expect(throws: SecretsError.self) { try read() }
        try Fixtures.write(second, path)
        guard
            case .otherContext = Fixtures.failure({
                _ = try EncryptedLogReader.read(path, keys: keys, context: "audit/another") { _, _ in }
            })
        else {
            Issue.record("another log's name is taken")
            return
        }
    }

    @Test func onlyOneMayAppendAtATime() throws {
        let log = try open()
        #expect(Fixtures.failure { _ = try open() } == .busy(path: path))
        try log.append([1])
    }

    @Test func aLogIsNoFileAndAFileNoLog() throws {
        _ = try write([[1]])
        guard case .unsupported = Fixtures.failure({ _ = try EncryptedFileReader(path, keys: keys) }) else {
            Issue.record("a log was read as a file")
            return
        }
        let file = directory.file("file")
        try EncryptedFile.write([1], to: file, keys: keys, purpose: .audit, context: context)
        guard case .unsupported = Fixtures.failure({ _ = try read(file) }) else {
            Issue.record("a file was read as a log")
            return
        }
    }

    @Test func mutatedLogsNeverCrashAndNeverGiveWhatWasNotWritten() throws {
        let records = (0..<6).map { Fixtures.bytes(20 + Int($0), seed: $0) }
        _ = try write(records)
        let whole = try Fixtures.read(path)
        var random = SplitMix(state: 21)
        for _ in 0..<1000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: headerSize..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<200, using: &random)) }
            try Fixtures.write(bytes, path)
            var given: [[UInt8]] = []
            _ = try? EncryptedLogReader.read(path, keys: keys) { record, _ in given.append(record) }
            #expect(given == Array(records.prefix(given.count)))
        }
    }

    @Test func aFullDiskLeavesTheLogAsItWas() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let keys = try await Fixtures.keys(in: directory).0
            let path = directory.file("log")
            let log = try EncryptedLog(path, keys: keys, purpose: .audit, context: "c")
            try log.append([1])
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 50_000, rlim_max: 50_000)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            #expect(
                Fixtures.failure { try log.append(Fixtures.bytes(60_000)) }
                    == .system(path: path, operation: "write it", code: EFBIG))
            try log.append([2])
            var records: [[UInt8]] = []
            let ending = try EncryptedLogReader.read(path, keys: keys) { record, _ in records.append(record) }
            #expect(records == [[1], [2]])
            #expect(ending == .open)
        }
    }
}
