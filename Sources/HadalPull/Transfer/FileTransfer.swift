import AsyncHTTPClient
import Foundation
import HadalStore
import NIOCore
import NIOHTTP1
import Synchronization

/// Brings in one file, a few ranges at once, until all bytes are there.
struct FileTransfer: Sendable {
    /// The file on the server is another one than it was.
    private struct Changed: Error {}
    /// The server sends the whole file whatever is asked for.
    private struct IgnoresRanges: Error {}

    /// What no connection has taken yet.
    private final class Pieces: Sendable {
        private let left: Mutex<ArraySlice<Range<Int64>>>

        init(_ all: [Range<Int64>]) { left = Mutex(all[...]) }

        func next() -> Range<Int64>? { left.withLock { $0.popFirst() } }
    }

    /// Of a file that changes under our hands.
    private static let startsMax = 3

    let client: HubClient
    let file: RemoteModel.File
    let partial: PartialFile
    /// Is given how many bytes more there are; less than none where the file is started over.
    let progress: @Sendable (Int64) -> Void

    func run() async throws {
        var starts = 1
        while true {
            do {
                try await ranges()
                return try partial.save()
            } catch is Changed {
                guard starts < Self.startsMax else { throw PullError.keepsChanging(file: file.path.text) }
                starts += 1
                try startOver()
            } catch is IgnoresRanges {
                return try await whole()
            } catch {
                // What has come is kept, if the disk lets us.
                try? partial.save()
                throw error
            }
        }
    }

    private func startOver() throws {
        progress(-partial.doneBytes)
        try partial.reset()
    }

    private func ranges() async throws {
        let settings = client.settings
        let pieces = Pieces(partial.missing(pieceBytes: settings.pieceBytes))
        try await withThrowingTaskGroup { group in
            for _ in 0..<settings.connections {
                group.addTask {
                    while let piece = pieces.next() { try await fetch(piece) }
                }
            }
            // The first error ends the others.
            for try await _ in group {}
        }
    }

    /// One range; where the connection breaks, the rest of it anew. Attempts count from the last one that brought something.
    private func fetch(_ piece: Range<Int64>) async throws {
        var place = piece.lowerBound
        var attempt = 1
        while place < piece.upperBound {
            let start = place
            do { try await stream(place..<piece.upperBound, &place) } catch let passing as HubClient.Passing {
                let isProgress = place - start >= min(client.settings.progressBytes, piece.upperBound - start)
                attempt = isProgress ? 1 : attempt + 1
                guard attempt <= client.settings.attempts else { throw passing.problem }
                try await client.settings.pause(
                    client.settings.wait(after: max(1, attempt - 1), asked: passing.wait))
            }
        }
    }

    /// Without ranges each attempt begins at the first byte; what is there already comes again.
    private func whole() async throws {
        do {
            try await client.repeated {
                let response = try await client.open(file.url, range: 0..<max(1, file.size))
                if !partial.accepts(version: version(response)) {
                    try startOver()
                    _ = partial.accepts(version: version(response))
                }
                if response.status == .partialContent {
                    try checkRange(response.headers.first(name: "Content-Range") ?? "", 0..<file.size)
                }
                var place: Int64 = 0
                try await read(response, to: file.size, &place)
            }
        } catch {
            try? partial.save()
            throw error
        }
        try partial.save()
    }

    private func stream(_ range: Range<Int64>, _ place: inout Int64) async throws {
        let response = try await client.open(file.url, range: range)
        guard partial.accepts(version: version(response)) else { throw Changed() }
        if response.status == .partialContent {
            try checkRange(response.headers.first(name: "Content-Range") ?? "", range)
        } else {
            guard range.lowerBound == 0, range.upperBound == file.size else { throw IgnoresRanges() }
            if let length = response.headers.first(name: "Content-Length"), length != "\(file.size)" {
                throw PullError.wrongSize(file: file.path.text, told: file.size, found: PullError.line(length))
            }
        }
        try await read(response, to: range.upperBound, &place)
    }

    private func read(_ response: HTTPClientResponse, to end: Int64, _ place: inout Int64) async throws {
        do {
            for try await buffer in response.body {
                guard place + Int64(buffer.readableBytes) <= end else {
                    throw PullError.wrongSize(file: file.path.text, told: file.size, found: "more")
                }
                let new = try buffer.withUnsafeReadableBytes { try partial.write($0, at: place) }
                place += Int64(buffer.readableBytes)
                progress(new)
            }
        } catch let error as StoreError { throw error } catch { throw client.passing(error, file.url) }
        if place < end {
            throw HubClient.Passing(problem: .unreachable(url: client.source.endpoint, problem: "it ended too early"))
        }
    }

    /// `bytes 0-99/1000`
    private func checkRange(_ text: String, _ range: Range<Int64>) throws {
        guard let match = text.wholeMatch(of: /bytes ([0-9]+)-([0-9]+)\/([0-9]+|\*)/),
            Int64(match.1) == range.lowerBound
        else {
            throw PullError.badAnswer(
                url: client.source.endpoint, problem: "Content-Range '\(PullError.line(text))' for \(file.path)")
        }
        if match.3 != "*", Int64(match.3) != file.size {
            throw PullError.wrongSize(file: file.path.text, told: file.size, found: String(match.3))
        }
    }

    /// Strong and weak ETags of the same state are alike here: the checksum decides in the end.
    private func version(_ response: HTTPClientResponse) -> String? {
        response.headers.first(name: "ETag").map { $0.hasPrefix("W/") ? String($0.dropFirst(2)) : $0 }
    }
}
