import Foundation
import HadalSecrets

/// Goes through a whole trail and finds what is not as its writer left it, also while it is written. Needs no private
/// key, and the data keys only to open sealed records.
public struct AuditVerifier: Sendable {
    public let directory: String
    /// The trail's first key as it was noted elsewhere; nil: whatever the trail says.
    public var trustedKey: AuditKeyID?
    /// Places in the chain as they were noted elsewhere.
    public var anchors: [AuditAnchor] = []
    /// Whether the encrypted texts are read and compared with their hashes.
    public var checksContents = true

    private let data: String
    private let keys: DataKeys?

    public init(data: String, keys: DataKeys? = nil) {
        self.data = data
        self.keys = keys
        directory = AuditDirectory(data: data).path
    }

    /// - Parameter progress: told the number of records so far, once for each segment.
    /// - Throws: where there is no trail at all. What is wrong with one is in the report.
    public func run(progress: (UInt64) -> Void = { _ in }) throws(AuditError) -> AuditReport {
        let directory = AuditDirectory(data: data)
        guard access(directory.path, R_OK | X_OK) == 0 else {
            throw .system(path: directory.path, operation: "open it", code: errno)
        }
        var report = AuditReport()
        report.isBeingWritten = isLocked(directory)
        guard let history = history(directory, &report) else { return report }
        // Before the segments are listed: a writer may go on meanwhile, and what was signed now must be there then.
        let head = head(directory, history, &report)
        var walk = ChainWalk(
            directory: directory, keys: keys, history: history, head: head, anchors: anchors,
            checksContents: checksContents, report: report)
        let segments = try directory.segments()
        for first in segments {
            walk.segment(first, isLast: first == segments.last)
            progress(walk.report.records)
        }
        return walk.finish()
    }

    private func isLocked(_ directory: AuditDirectory) -> Bool {
        guard access(directory.lock, R_OK) == 0 else { return false }
        guard let free = try? AuditFile.locked(directory.lock, exclusively: false) else { return true }
        _ = free
        return false
    }

    private func history(_ directory: AuditDirectory, _ report: inout AuditReport) -> KeyHistory? {
        do throws(AuditError) {
            let history = try KeyHistory.read(directory.keys)
            guard let root = history.entries.first else {
                report.find(.key, "\(directory.keys): the list of public keys is missing; nothing can be verified")
                return nil
            }
            report.rootKey = root.id
            report.keys = history.entries.count
            report.trail = root.trail
            if let trustedKey, trustedKey != root.id {
                report.find(.key, "the trail's first key is \(root.id), not the trusted \(trustedKey): it was replaced")
            }
            return history
        } catch {
            report.find(.key, error.description)
            return nil
        }
    }

    private func head(
        _ directory: AuditDirectory, _ history: KeyHistory, _ report: inout AuditReport
    ) -> PublishedHead? {
        do throws(AuditError) {
            if let head = try PublishedHead.read(directory, history: history) { return head }
            report.find(.cut, "\(directory.head): the last signed place is missing; the end may have been cut")
        } catch {
            report.find(.key, error.description)
        }
        return nil
    }
}
