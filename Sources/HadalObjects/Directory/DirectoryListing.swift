import Foundation

/// The objects below a directory whose names begin with a prefix.
struct DirectoryListing {
    /// What a writer has not touched for so long belongs to one that was killed.
    private static let leftoverAge: TimeInterval = 86_400

    let prefix: String
    private(set) var objects: [StoredObject] = []
    private let now = Date()

    init(_ prefix: String, below root: String) throws(ObjectError) {
        if let problem = ObjectName.prefixProblem(prefix) { throw .badName(prefix, problem: problem) }
        self.prefix = prefix
        let above = prefix.lastIndex(of: "/").map { prefix[..<$0] } ?? ""
        let start = try ObjectDirectory.root(root)
        let directory: ObjectDirectory
        do { directory = try start.descend(above.split(separator: "/").map(String.init)) } catch {
            if ObjectDirectory.isAbsence(error) { return }
            throw error
        }
        try walk(directory, above.isEmpty ? "" : above + "/")
        objects.sort { $0.name < $1.name }
    }

    private mutating func walk(_ directory: ObjectDirectory, _ path: String) throws(ObjectError) {
        for entry in try directory.names() {
            // What is gone by now was not there.
            guard let state = directory.state(entry) else { continue }
            if entry.first == ObjectDirectory.temporaryMark {
                sweep(directory, entry, state)
                continue
            }
            let text = path + entry
            guard text.hasPrefix(prefix), let name = try? ObjectName(text) else { continue }
            if state.isFile {
                objects.append(StoredObject(name: name, size: state.size, modified: state.modified))
            } else if state.isDirectory {
                let below: ObjectDirectory
                do { below = try directory.descend([entry]) } catch {
                    if ObjectDirectory.isAbsence(error) { continue }
                    throw error
                }
                try walk(below, text + "/")
            }
        }
    }

    private func sweep(_ directory: ObjectDirectory, _ name: String, _ state: OpenFile.State) {
        guard state.isFile, now.timeIntervalSince(state.modified) > Self.leftoverAge else { return }
        // Where that is not allowed, it stays.
        unlinkat(directory.last.descriptor, name, 0)
    }
}
