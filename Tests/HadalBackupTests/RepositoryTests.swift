import Foundation
import HadalObjects
import TestSupport
import Testing

@testable import HadalBackup

@Suite(.timeLimit(.minutes(15)))
struct RepositoryTests {
    @Test func aRecoveryKeyIsReadAsPeopleWriteIt() throws {
        for _ in 0..<50 {
            let key = RepositoryKey.random()
            let text = key.recoveryText
            #expect(text.hasPrefix("hadal-recovery-") && text.utf8.count < 90)
            for written in [
                text, text.lowercased(), "  \(text)\n", text.replacingOccurrences(of: "0", with: "o"),
                text.replacingOccurrences(of: "1", with: "l"),
                "hadal-recovery-" + text.dropFirst(15).replacingOccurrences(of: "-", with: " "),
            ] {
                #expect(try RepositoryKey(recoveryText: written).bytes == key.bytes)
            }
        }
    }

    @Test func aMistypedRecoveryKeyIsNoticed() throws {
        let text = RepositoryKey.random().recoveryText
        let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        var characters = Array(text)
        for index in 15..<characters.count where characters[index] != "-" {
            let right = characters[index]
            for wrong in digits where wrong != right {
                characters[index] = wrong
                // The last digit has bits that carry nothing.
                if let key = try? RepositoryKey(recoveryText: String(characters)) {
                    #expect(index == characters.count - 1)
                    #expect(key.recoveryText == text)
                }
            }
            characters[index] = right
        }
        for bad in ["", "hadal-recovery-", String(text.dropLast()), text + "0", "U" + text, text + "-U"] {
            #expect(throws: BackupError.self) { try RepositoryKey(recoveryText: bad) }
        }
    }

    @Test func anObjectOpensUnderItsNameOnlyAndAsAWhole() {
        let cipher = ObjectCipher(key: .random())
        let sealed = cipher.seal(Data("a text".utf8), as: "chunks/a")
        #expect(cipher.open(sealed, as: "chunks/a") == Data("a text".utf8))
        #expect(cipher.open(sealed, as: "chunks/b") == nil)
        #expect(ObjectCipher(key: .random()).open(sealed, as: "chunks/a") == nil)
        for index in sealed.indices {
            var other = sealed
            other[index] ^= 1
            #expect(cipher.open(other, as: "chunks/a") == nil)
            #expect(cipher.open(sealed.prefix(index), as: "chunks/a") == nil)
        }
    }

    @Test func whatIsPackedComesBackAndNeverGrowsBeyondItsLimit() {
        var random = SplitMix(state: 8)
        for size in [0, 1, 100, 4096, 262_144] {
            for isRandom in [true, false] {
                let bytes = Data(
                    (0..<size).map { isRandom ? UInt8.random(in: 0...255, using: &random) : UInt8($0 % 7) })
                let packed = Packing.pack(bytes)
                #expect(packed.count <= size + Packing.overhead)
                #expect(isRandom || size < 100 || packed.count < size / 4)
                #expect(Packing.unpack(packed, limit: size) == bytes)
                #expect(size == 0 || Packing.unpack(packed, limit: size - 1) == nil)
                #expect(Packing.unpack(packed.dropLast(), limit: size) != bytes || size == 0)
            }
        }
        for bad in [Data(), Data([2, 0]), Data([1]), Data([1, 0x28, 0xB5])] {
            #expect(Packing.unpack(bad, limit: 1000) == nil)
        }
    }

    @Test func timesInNamesAreWhatTheyWere() {
        var random = SplitMix(state: 3)
        for _ in 0..<2000 {
            let milliseconds = Int64.random(in: 0...4_000_000_000_000, using: &random)
            let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
            let name = SnapshotName(date)
            #expect(SnapshotName(name.description) == name)
            #expect(abs(name.time.timeIntervalSince(date)) < 0.0011)
        }
        for bad in ["20260231T000000.000Z-123456", "20260101T000000.000Z", "20260101T250000.000Z-123456", "x", ""] {
            #expect(SnapshotName(bad) == nil)
        }
    }

    @Test func anotherKeyDoesNotOpenIt() async throws {
        let site = try Site()
        await #expect(throws: BackupError.noRepository(place: "memory")) { try await site.repository() }
        _ = try await site.create()
        await #expect(throws: BackupError.alreadyThere(place: "memory")) { try await site.create() }
        await #expect(throws: BackupError.wrongKey(place: "memory")) {
            try await BackupRepository.open(in: site.storage, key: .random())
        }
        site.storage.change("hadal-backup.json") { $0 = Data(#"{"format":"hadal backup","version":9,"id":"x"}"#.utf8) }
        await #expect(throws: BackupError.newerFormat(place: "memory", version: 9)) { try await site.repository() }
    }

    /// Nothing of what is backed up can be read in the place, nor told by its names.
    @Test func thePlaceHasNothingInTheClear() async throws {
        let site = try Site()
        let writer = try site.writer(try await site.create())
        try site.write(String(repeating: "a secret sentence ", count: 50_000).utf8, "secret-name.txt")
        _ = try await writer.snapshot()
        for name in site.storage.names {
            #expect(!name.contains("secret"))
            site.storage.change(name) { bytes in
                #expect(bytes.range(of: Data("secret".utf8)) == nil, "\(name)")
            }
        }
    }

    @Test func whatIsMissingOrDamagedIsTold() async throws {
        var random = SplitMix(state: 5)
        let site = try Site()
        let repository = try await site.create()
        let writer = try site.writer(repository)
        try site.write((0..<600_000).map { _ in UInt8.random(in: 0...255, using: &random) }, "a.bin")
        _ = try await writer.snapshot()
        site.pass(1)
        try site.write("more".utf8, "b.txt")
        _ = try await writer.point()
        #expect(try await repository.check(reads: true).problems.isEmpty)
        for name in site.storage.names where !["hadal-backup.json", "owner"].contains(name) {
            var original = Data()
            site.storage.change(name) { bytes in
                original = bytes
                bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 4
            }
            let check = try await repository.check(reads: true)
            #expect(check.problems.count == 1 && check.problems[0].contains(name), "\(check.problems)")
            await #expect(throws: (any Error).self) { try await site.restore(repository) }
            site.storage.remove(name)
            // That the last point is not there cannot be told from its never having been.
            if !name.hasPrefix("points/"), !name.hasPrefix("snapshots/") {
                #expect(try await repository.check(reads: false).problems.count == 1)
                await #expect(throws: (any Error).self) { try await site.restore(repository) }
            }
            try await site.storage.put(ObjectName(name), original)
        }
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
    }
}
