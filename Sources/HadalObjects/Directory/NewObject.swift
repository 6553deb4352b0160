import Foundation

/// An object that is being written: a file with a name that no object has, beside where it goes.
struct NewObject: Sendable {
    let file: OpenFile
    private let name: String
    private let temporaryName: String
    /// From the root to where it lies.
    private let steps: [OpenFile]

    init(_ name: ObjectName, below root: String) throws(ObjectError) {
        var segments = name.segments
        self.name = segments.removeLast()
        let directory = try ObjectDirectory.root(root).descend(segments, creating: true)
        steps = directory.steps
        temporaryName = "\(ObjectDirectory.temporaryMark)\(UUID().uuidString)"
        file = try OpenFile.open(temporaryName, in: directory.last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, "write")
    }

    /// Under its name, in place of what was there. All directories on the way are made durable too: another writer may
    /// have made one of them just now.
    func enter() throws(ObjectError) {
        let directory = steps[steps.count - 1]
        try file.sync()
        guard renameat(directory.descriptor, temporaryName, directory.descriptor, name) == 0 else {
            throw .system(path: directory.path + "/" + name, operation: "write", code: errno)
        }
        for step in steps.reversed() { try step.sync() }
    }

    func discard() { unlinkat(steps[steps.count - 1].descriptor, temporaryName, 0) }
}
