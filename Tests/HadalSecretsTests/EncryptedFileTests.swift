import Foundation
import TestSupport
import Testing

@testable import HadalSecrets

@Suite struct EncryptedFileTests {
    /// The smallest that the format knows, so that a few KiB are several chunks.
    static let chunk = 4096
    static let sealed = chunk + 16
    static let context = "models/r1"

    private let directory: TemporaryDirectory
    private let keys: DataKeys
    private var path: String { directory.file("data") }

    init() async throws {
        directory = try TemporaryDirectory()
        keys = try await Fixtures.keys(in: directory).0
    }

    private func write(_ bytes: [UInt8], to path: String? = nil, purpose: DataPurpose = .models) throws {
        let writer = try EncryptedFileWriter(
            path ?? self.path, key: try keys.key(for: purpose), context: Self.context, chunkSize: Self.chunk)
        try writer.write(bytes)
        try writer.finish()
    }

    private func read(_ path: String? = nil) throws -> [UInt8] {
        let reader = try EncryptedFileReader(path ?? self.path, keys: keys)
        return try reader.read(at: 0, count: Int(reader.count))
    }

    private var headerSize: Int { 74 + Self.context.utf8.count + 32 }

    // MARK: - Round trips

    @Test(arguments: [
        0, 1, 15, 16, 17, 4095, 4096, 4097, 4112, 8191, 8192, 8193, 12287, 12288, 12289, 50_000,
    ])
    func whatIsWrittenIsReadBack(count: Int) throws {
        let bytes = Fixtures.bytes(count)
        try write(bytes)
        #expect(try read() == bytes)
        let chunks = max(1, (count + Self.chunk - 1) / Self.chunk)
        #expect(try Fixtures.read(path).count == headerSize + count + 16 * chunks)
    }

    @Test func piecesOfAnySizeGiveTheSameText() throws {
        var random = SplitMix(state: 7)
        for _ in 0..<50 {
            let bytes = Fixtures.bytes(Int.random(in: 0...3 * Self.chunk, using: &random), seed: random.next())
            let writer = try EncryptedFileWriter(
                path, key: try keys.key(for: .models), context: Self.context, chunkSize: Self.chunk)
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...5000, using: &random))
                try writer.write(Array(piece))
                rest = rest.dropFirst(piece.count)
            }
            try writer.finish()
            #expect(try read() == bytes)
        }
    }

    /// Also of more than what one processor reads at a time.
    @Test(arguments: [0, 1, 4096, 50_000, (4 << 20) - 1, 4 << 20, 9_000_001])
    func theWholeIsReadByAllProcessors(count: Int) throws {
        let bytes = Fixtures.bytes(count)
        try write(bytes)
        let reader = try EncryptedFileReader(path, keys: keys)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        defer { memory.deallocate() }
        try reader.read(into: memory)
        #expect(memory.elementsEqual(bytes))
        guard count > 2 * Self.chunk else { return }
        // The last byte of the last chunk but one.
        let chunk = (count - 1) / Self.chunk - 1
        let offset = headerSize + chunk * Self.sealed
        try Fixtures.flip(bit: 8 * (offset + Self.chunk - 1), in: path)
        #expect(
            Fixtures.failure { try EncryptedFileReader(path, keys: keys).read(into: memory) }
                == .damaged(path: path, part: "chunk \(chunk)", offset: UInt64(offset)))
    }

    @Test func anyPartCanBeReadAlone() throws {
        let bytes = Fixtures.bytes(5 * Self.chunk + 100)
        try write(bytes)
        let reader = try EncryptedFileReader(path, keys: keys)
        #expect(reader.count == UInt64(bytes.count))
        var random = SplitMix(state: 3)
        for _ in 0..<300 {
            let start = Int.random(in: 0...bytes.count + 10, using: &random)
            let count = Int.random(in: 0...3 * Self.chunk, using: &random)
            let expected = start < bytes.count ? Array(bytes[start..<min(bytes.count, start + count)]) : []
            #expect(try reader.read(at: UInt64(start), count: count) == expected)
        }
        #expect(try reader.read(at: .max, count: 10) == [])
    }

    @Test func chunksComeInOrder() throws {
        let bytes = Fixtures.bytes(3 * Self.chunk + 1)
        try write(bytes)
        var all: [UInt8] = []
        try EncryptedFileReader(path, keys: keys).forEachChunk { all += $0 }
        #expect(all == bytes)
    }

    @Test func severalThreadsMayReadAtOnce() async throws {
        let bytes = Fixtures.bytes(8 * Self.chunk)
        try write(bytes)
        let reader = try EncryptedFileReader(path, keys: keys)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<8 {
                group.addTask {
                    let start = index * Self.chunk
                    return try reader.read(at: UInt64(start), count: Self.chunk)
                        == Array(bytes[start..<start + Self.chunk])
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test func aWholeFileIsEncryptedAndDecrypted() throws {
        let bytes = Fixtures.bytes(200_000)
        try Fixtures.write(bytes, directory.file("plain"))
        try EncryptedFile.encrypt(
            directory.file("plain"), to: path, keys: keys, purpose: .models, context: Self.context)
        #expect(try EncryptedFile.isEncrypted(path))
        #expect(try !EncryptedFile.isEncrypted(directory.file("plain")))
        try EncryptedFile.decrypt(path, to: directory.file("again"), keys: keys, context: Self.context)
        #expect(try Fixtures.read(directory.file("again")) == bytes)
        #expect(
            Fixtures.failure { try EncryptedFile.decrypt(path, to: directory.file("again"), keys: keys) }
                == .alreadyExists(path: directory.file("again")))
    }

    @Test func thePlainTextIsNowhereInTheFile() throws {
        let text = Array("a customer's secret".utf8)
        try write(Array(repeatElement(text, count: 500).joined()))
        #expect(try Data(Fixtures.read(path)).range(of: Data(text)) == nil)
    }

    @Test func theSameTextIsNeverTheSameBytesTwice() throws {
        try write([1, 2, 3])
        let first = try Fixtures.read(path)
        try write([1, 2, 3])
        #expect(try Fixtures.read(path)[headerSize...] != first[headerSize...])
    }

    @Test func onlyTheOwnerMayReadTheFile() throws {
        try write([1])
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    // MARK: - Attacks

    @Test func everyFlippedBitIsFound() throws {
        let bytes = Fixtures.bytes(2 * Self.chunk + 10)
        try write(bytes)
        let size = try Fixtures.read(path).count
        // All bits of the header and of the last chunk with its tag; of the others some, tags among them.
        let bits =
            Array(0..<headerSize * 8) + Array((size - 30) * 8..<size * 8)
            + Array((headerSize + Self.chunk) * 8..<(headerSize + Self.sealed) * 8)
            + Array(stride(from: headerSize * 8, to: size * 8, by: 997))
        for bit in bits {
            try Fixtures.flip(bit: bit, in: path)
            #expect(throws: SecretsError.self, "bit \(bit)") { try read() }
            try Fixtures.flip(bit: bit, in: path)
        }
        #expect(try read() == bytes)
    }

    @Test func anErrorNamesTheFileAndThePlace() throws {
        try write(Fixtures.bytes(3 * Self.chunk))
        try Fixtures.flip(bit: (headerSize + Self.sealed + 5) * 8, in: path)
        let error = Fixtures.failure { _ = try read() }
        #expect(error == .damaged(path: path, part: "chunk 1", offset: UInt64(headerSize + Self.sealed)))
        #expect(error?.description.contains("Restore") == true)
        // What is whole can still be read.
        let reader = try EncryptedFileReader(path, keys: keys)
        #expect(try reader.read(at: 0, count: Self.chunk).count == Self.chunk)
    }

    @Test func everyTruncationIsFound() throws {
        try write(Fixtures.bytes(2 * Self.chunk + 10))
        let whole = try Fixtures.read(path)
        let ends = Set(0..<headerSize + 40).union(whole.count - 40..<whole.count)
            .union((headerSize + Self.sealed - 40)...(headerSize + Self.sealed + 40))
            .union((headerSize + 2 * Self.sealed - 40)...(headerSize + 2 * Self.sealed + 40))
        for end in ends where end < whole.count {
            try Fixtures.write(Array(whole[..<end]), path)
            #expect(throws: SecretsError.self, "cut at \(end)") { try read() }
        }
        // Between two chunks all that is left is right, and the error says so.
        try Fixtures.write(Array(whole[..<(headerSize + Self.sealed)]), path)
        #expect(
            Fixtures.failure { _ = try read() } == .incomplete(path: path, size: UInt64(headerSize + Self.sealed)))
        try Fixtures.write([], path)
        #expect(Fixtures.failure { _ = try read() } == .incomplete(path: path, size: 0))
    }

    @Test func whatIsAddedIsFound() throws {
        try write(Fixtures.bytes(Self.chunk))
        let whole = try Fixtures.read(path)
        for count in [1, 15, 16, 17, Self.sealed] {
            try Fixtures.write(whole + Fixtures.bytes(count), path)
            #expect(throws: SecretsError.self) { try read() }
        }
        // A chunk of its own again behind the last one.
        try Fixtures.write(whole + whole[headerSize...], path)
        #expect(throws: SecretsError.self) { try read() }
    }

    @Test func chunksThatChangePlacesAreFound() throws {
        try write(Fixtures.bytes(3 * Self.chunk))
        let whole = try Fixtures.read(path)
        let chunks = (0..<3).map { whole[(headerSize + $0 * Self.sealed)...].prefix(Self.sealed) }
        for order in [[1, 0, 2], [0, 2, 1], [0, 0, 2], [2, 1, 0]] {
            try Fixtures.write(Array(whole[..<headerSize] + order.flatMap { chunks[$0] }), path)
            #expect(throws: SecretsError.self, "\(order)") { try read() }
        }
    }

    @Test func chunksAndHeadersOfOtherFilesAreFound() throws {
        let other = directory.file("other")
        try write(Fixtures.bytes(3 * Self.chunk, seed: 1))
        try write(Fixtures.bytes(3 * Self.chunk, seed: 2), to: other)
        let (first, second) = (try Fixtures.read(path), try Fixtures.read(other))
        try Fixtures.write(Array(first[..<headerSize]) + second[headerSize...], path)
        #expect(throws: SecretsError.self) { try read() }
        var mixed = first
        mixed.replaceSubrange(headerSize..<headerSize + Self.sealed, with: second[headerSize...].prefix(Self.sealed))
        try Fixtures.write(mixed, path)
        #expect(throws: SecretsError.self) { try read() }
    }

    @Test func aFileInThePlaceOfAnotherIsRefused() throws {
        try write([1])
        #expect(
            Fixtures.failure { _ = try EncryptedFileReader(path, keys: keys, context: "models/other") }
                == .otherContext(path: path, found: Self.context, wanted: "models/other"))
        #expect(throws: Never.self) { try EncryptedFileReader(path, keys: keys, context: Self.context) }
    }

    @Test func anotherDirectorysKeysDoNotOpenIt() async throws {
        try write([1])
        let elsewhere = try TemporaryDirectory()
        let (others, _) = try await Fixtures.keys(in: elsewhere)
        let error = Fixtures.failure { _ = try EncryptedFileReader(path, keys: others) }
        guard case .unknownDataKey(path, _, elsewhere.file("keys.json")) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func otherFilesAreToldApart() throws {
        try Fixtures.write(Array("GGUF and so on".utf8), path)
        #expect(Fixtures.failure { _ = try read() } == .notEncrypted(path: path))
        try write([1])
        var later = try Fixtures.read(path)
        later[8] = 2
        try Fixtures.write(later, path)
        guard case .unsupported = Fixtures.failure({ _ = try read() }) else {
            Issue.record("a later format is not told apart")
            return
        }
        #expect(throws: SecretsError.self) { try EncryptedFileReader(directory.file("none"), keys: keys) }
    }

    @Test func aHeaderOfRandomBytesIsAnErrorNeverACrash() throws {
        try write(Fixtures.bytes(100))
        let whole = try Fixtures.read(path)
        var random = SplitMix(state: 11)
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<headerSize, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            if Bool.random(using: &random) { bytes.replaceSubrange(0..<0, with: FileHeader.magic + [1]) }
            guard bytes != whole else { continue }
            if let (header, size) = try? FileHeader.parse(bytes, path: path) {
                #expect(size <= bytes.count && header.context.utf8.count <= FileHeader.contextLimit)
            }
        }
    }

    @Test func aMutatedFileIsNeverReadAsAnother() throws {
        let text = Fixtures.bytes(100)
        try write(text)
        let whole = try Fixtures.read(path)
        var random = SplitMix(state: 12)
        for _ in 0..<500 {
            var bytes = whole
            bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            try Fixtures.write(bytes, path)
            #expect(throws: SecretsError.self) { try read() }
        }
    }

    // MARK: - Failures

    @Test func whatIsNotFinishedLeavesTheOldFileAndNothingElse() throws {
        try write([1, 2, 3])
        let before = try directory.names
        do {
            let writer = try EncryptedFileWriter(path, keys: keys, purpose: .models, context: Self.context)
            try writer.write(Fixtures.bytes(100_000))
        }
        #expect(try read() == [1, 2, 3])
        #expect(try directory.names == before)
    }

    @Test func aFullDiskIsAnErrorAndKeepsTheOldFile() async {
        // A limit on the size of files fails as a full disk does; it is the process's, so it gets one of its own.
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let keys = try await Fixtures.keys(in: directory).0
            let path = directory.file("data")
            try EncryptedFile.write([1, 2, 3], to: path, keys: keys, purpose: .models, context: "c")
            let names = try directory.names
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 300_000, rlim_max: 300_000)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let error = Fixtures.failure {
                try EncryptedFile.write(
                    Fixtures.bytes(1_000_000), to: path, keys: keys, purpose: .models, context: "c")
            }
            #expect(error == .system(path: path, operation: "write it", code: EFBIG))
            #expect(error?.description.contains("Make room") == true)
            #expect(try EncryptedFile.read(path, keys: keys, limit: 10) == [1, 2, 3])
            #expect(try directory.names == names)
        }
    }

    @Test func moreThanTheLimitIsNotRead() throws {
        try write(Fixtures.bytes(1000))
        guard case .tooLarge = Fixtures.failure({ _ = try EncryptedFile.read(path, keys: keys, limit: 999) }) else {
            Issue.record("the limit does not hold")
            return
        }
        guard
            case .tooLarge = Fixtures.failure({
                _ = try EncryptedFileWriter(
                    directory.file("x"), keys: keys, purpose: .models, context: String(repeating: "c", count: 1025))
            })
        else {
            Issue.record("a long context is taken")
            return
        }
    }
}
