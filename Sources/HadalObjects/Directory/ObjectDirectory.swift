import Foundation

/// A directory below which objects lie. It is gone down step by step without following symbolic links, so that nothing
/// outside is ever read or written.
struct ObjectDirectory {
    /// Cannot be in an object's name.
    static let temporaryMark: Character = "~"

    /// From the root to this one.
    let steps: [OpenFile]
    var last: OpenFile { steps[steps.count - 1] }

    static func root(_ path: String) throws(ObjectError) -> ObjectDirectory {
        do { return ObjectDirectory(steps: [try OpenFile.open(path, O_RDONLY | O_DIRECTORY)]) } catch {
            if case .system(_, _, ENOENT) = error { throw .noPlace(path) }
            throw error
        }
    }

    /// - Parameter creating: directories that are not there.
    func descend(_ segments: some Sequence<String>, creating: Bool = false) throws(ObjectError) -> ObjectDirectory {
        var steps = steps
        for segment in segments {
            let above = steps[steps.count - 1]
            if creating, mkdirat(above.descriptor, segment, 0o700) != 0, errno != EEXIST {
                throw .system(path: above.path + "/" + segment, operation: "make", code: errno)
            }
            steps.append(try OpenFile.open(segment, in: above, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
        }
        return ObjectDirectory(steps: steps)
    }

    /// nil: there is none, or it is no file.
    func object(_ name: String) throws(ObjectError) -> (file: OpenFile, state: OpenFile.State)? {
        let file: OpenFile
        do { file = try OpenFile.open(name, in: last, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, "read") } catch {
            if Self.isAbsence(error) { return nil }
            throw error
        }
        let state = try file.state()
        return state.isFile ? (file, state) : nil
    }

    /// nil: there is nothing, or a symbolic link.
    func state(_ name: String) -> OpenFile.State? {
        var state = Glibc.stat()
        guard fstatat(last.descriptor, name, &state, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return OpenFile.State(state)
    }

    func remove(_ name: String) throws(ObjectError) {
        guard unlinkat(last.descriptor, name, 0) != 0 else { return try last.sync() }
        let error = ObjectError.system(path: last.path + "/" + name, operation: "remove", code: errno)
        guard Self.isAbsence(error) else { throw error }
    }

    /// All that is in it, in any order.
    func names() throws(ObjectError) -> [String] {
        // The stream closes its descriptor.
        let copy = openat(last.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { throw last.error("list") }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw last.error("list") }
        return names
    }

    /// What an error says where an object, or a directory on the way to it, is not there; symbolic links are not.
    static func isAbsence(_ error: ObjectError) -> Bool {
        guard case .system(_, _, let code) = error else { return false }
        return [ENOENT, ENOTDIR, ELOOP, EISDIR, ENXIO].contains(code)
    }
}
