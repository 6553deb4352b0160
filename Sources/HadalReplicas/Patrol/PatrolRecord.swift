import Foundation
import HadalJSON
import HadalStore

/// How far the patrol is: `STORE/patrol.json`. Of no use to anybody else, and when it is lost the patrol begins anew.
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
    var looks: [BlobDigest: Look] = [:]

    mutating func begin(next: Date) {
        round += 1
        (isRunning, self.next) = (true, next)
    }

    /// What is not yet verified in this round: those first that were not verified for longest.
    func rest(of files: [BlobDigest: Manifest.File]) -> [Manifest.File] {
        files.values.filter { looks[$0.digest]?.round != round }
            .sorted { (time(of: $0), $0.digest.hex) < (time(of: $1), $1.digest.hex) }
    }

    private func time(of file: Manifest.File) -> Date { looks[file.digest]?.time ?? .distantPast }

    // MARK: the file

    /// - Returns: nil where there is none, or none that can be used.
    static func read(of store: ModelStore) -> PatrolRecord? {
        guard let bytes = try? AtomicFile.readIfPresent(path(of: store), limit: bytesMax),
            let json = try? JSON(parsing: bytes), json["format"]?.int == format,
            let round = json["round"]?.int, round >= 0, round < 1 << 40, let isRunning = json["isRunning"]?.bool,
            let files = json["files"]?.object
        else { return nil }
        var record = PatrolRecord()
        (record.round, record.isRunning) = (round, isRunning)
        record.next = json["next"]?.double.map(Date.init(timeIntervalSince1970:))
        for (name, look) in files.members {
            guard let digest = BlobDigest(hex: name), let number = look["round"]?.int,
                let time = look["verified"]?.double
            else { return nil }
            record.looks[digest] = Look(round: number, time: Date(timeIntervalSince1970: time))
        }
        return record
    }

    func write(to store: ModelStore) throws(StoreError) {
        let files = looks.sorted { $0.key.hex < $1.key.hex }.map { digest, look in
            (
                digest.hex,
                ["round": .int(Int64(look.round)), "verified": .double(look.time.timeIntervalSince1970)] as JSON
            )
        }
        let json = JSON.compact([
            ("format", .int(Int64(Self.format))), ("round", .int(Int64(round))),
            ("next", next.map { .double($0.timeIntervalSince1970) }), ("isRunning", .bool(isRunning)),
            ("files", .object(JSON.Object(files))),
        ])
        try AtomicFile.write(json.bytes + [0x0A], to: Self.path(of: store))
    }

    private static func path(of store: ModelStore) -> String { store.path("patrol.json") }
}
