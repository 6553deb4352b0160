import Foundation
import HadalJSON
import HadalStore

/// How far a patrol is: a file in the store. Of no use to anybody else, and when it is lost the patrol begins anew.
struct PatrolRecord: Sendable, Equatable {
    struct Look: Sendable, Equatable {
        /// In which it was verified.
        let round: Int
        let time: Date
    }

    private static let format = 1
    private static let bytesMax = 64 << 20

    /// Counts them.
    var round = 0
    /// Whether that round is not yet at its end.
    var isRunning = false
    /// When the next one is due.
    var next: Date?
    /// By what was verified: a file's SHA-256, and with it the place where that is another one than the store.
    var looks: [String: Look] = [:]
    /// By places: how many files are damaged and not mended.
    var damaged: [String: Int] = [:]

    mutating func begin(next: Date) {
        round += 1
        (isRunning, self.next) = (true, next)
    }

    /// What is not yet verified in this round: those first that were not verified for longest.
    func rest(of files: [BlobDigest: Manifest.File]) -> [Manifest.File] {
        files.values.filter { looks[$0.digest.hex]?.round != round }
            .sorted { (time(of: $0), $0.digest.hex) < (time(of: $1), $1.digest.hex) }
    }

    private func time(of file: Manifest.File) -> Date { looks[file.digest.hex]?.time ?? .distantPast }

    // MARK: the file

    /// - Returns: nil where there is none, or none that can be used.
    static func read(_ path: String) -> PatrolRecord? {
        guard let bytes = try? AtomicFile.readIfPresent(path, limit: bytesMax),
            let json = try? JSON(parsing: bytes), json["format"]?.int == format,
            let round = json["round"]?.int, round >= 0, round < 1 << 40, let isRunning = json["isRunning"]?.bool,
            let files = json["files"]?.object
        else { return nil }
        var record = PatrolRecord()
        (record.round, record.isRunning) = (round, isRunning)
        record.next = json["next"]?.double.map(Date.init(timeIntervalSince1970:))
        for (name, look) in files.members {
            guard let number = look["round"]?.int, let time = look["verified"]?.double else { return nil }
            record.looks[name] = Look(round: number, time: Date(timeIntervalSince1970: time))
        }
        for (place, count) in json["damaged"]?.object?.members ?? [] {
            record.damaged[place] = count.int.map(Int.init(clamping:)) ?? 0
        }
        return record
    }

    func write(_ path: String) throws(StoreError) {
        let files = looks.sorted { $0.key < $1.key }.map { name, look in
            (
                name,
                ["round": .int(Int64(look.round)), "verified": .double(look.time.timeIntervalSince1970)] as JSON
            )
        }
        let json = JSON.compact([
            ("format", .int(Int64(Self.format))), ("round", .int(Int64(round))),
            ("next", next.map { .double($0.timeIntervalSince1970) }), ("isRunning", .bool(isRunning)),
            ("files", .object(JSON.Object(files))),
            (
                "damaged",
                damaged.isEmpty
                    ? nil
                    : .object(JSON.Object(damaged.sorted { $0.key < $1.key }.map { ($0.key, .int(Int64($0.value))) }))
            ),
        ])
        try AtomicFile.write(json.bytes + [0x0A], to: path)
    }
}
