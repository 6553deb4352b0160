/// What is known while sources are read, one after the other: what was wrong, and where each value was said.
struct Reading {
    /// What relative paths in the source that is read begin at.
    var directory: String
    var problems: [ConfigurationProblem] = []
    /// Of settings, groups and items of lists.
    var sources: [String: SettingSource] = [:]

    /// Enough to tell; so many more are only counted.
    private static let problemsLimit = 1000
    private(set) var omitted = 0

    mutating func report(
        _ problem: @autoclosure () -> String, _ advice: @autoclosure () -> String, at source: SettingSource,
        _ path: String
    ) {
        guard problems.count < Self.problemsLimit else {
            omitted += 1
            return
        }
        problems.append(ConfigurationProblem(source: source, path: path, problem: problem(), advice: advice()))
    }

    /// Forgets where the items of a list or map were said that another source replaces.
    mutating func forget(below path: String) {
        for known in sources.keys where known.hasPrefix(path + "[") || known.hasPrefix(path + ".") {
            sources[known] = nil
        }
    }

    /// The nearest thing around a setting that a source names, for what is wrong because something is missing.
    func source(of path: String) -> SettingSource {
        var path = path[...]
        while !path.isEmpty {
            if let source = sources[String(path)] { return source }
            path = path[..<(path.lastIndex { $0 == "." || $0 == "[" } ?? path.startIndex)]
        }
        return .builtIn
    }
}

/// Collects what does not fit together in a group of settings.
struct Findings {
    private var all: [(key: String, problem: String, advice: String)] = []

    /// - Parameter key: of the setting in the group that is to be changed.
    mutating func add(_ key: String, _ problem: String, _ advice: String) { all.append((key, problem, advice)) }

    /// - Parameter group: the path of the group that they are about.
    func report(of group: String, to reading: inout Reading) {
        for finding in all {
            let path = SettingPath.join(group, finding.key)
            // What was said there could not be read: that it is missing now is no news.
            guard !reading.problems.contains(where: { SettingPath.isWithin(path, $0.path) }) else { continue }
            reading.report(finding.problem, finding.advice, at: reading.source(of: path), path)
        }
    }
}

/// Names of settings as people write them: `models[0].engine.batch`.
enum SettingPath {
    static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// Empty at the top.
    static func group(of path: String) -> String { path.split(separator: ".").dropLast().joined(separator: ".") }

    /// Whether it is the group, list or setting `outer` or something in it.
    static func isWithin(_ path: String, _ outer: String) -> Bool {
        guard !outer.isEmpty, path.hasPrefix(outer) else { return false }
        let rest = path.dropFirst(outer.count)
        return rest.isEmpty || rest.hasPrefix(".") || rest.hasPrefix("[")
    }

    /// The last name, without an index.
    static func key(of path: String) -> String {
        String((path.split(separator: ".").last ?? "").prefix { $0 != "[" })
    }
}
