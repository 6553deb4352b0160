import Foundation
import HadalText

extension RuleSet {
    /// So many are told; a file that is something else altogether has thousands.
    private static let problemsLimit = 200

    /// Reads a file of rules, or all `.yaml` and `.yml` files of a directory, in the order of their names.
    ///
    /// A set that is loaded stays as it is. To take over changes, load again: a set that is wrong gives an error, and the
    /// caller keeps what it has.
    /// - Throws: everything that is wrong, in all files.
    public static func load(_ path: String) throws(RuleSetError) -> RuleSet {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw RuleSetError(path, "there is no such file or directory", "check the name")
        }
        guard isDirectory.boolValue else { return try load([path], in: "") }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let files = names.filter { !$0.hasPrefix(".") && ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) }.sorted()
        guard !files.isEmpty else {
            throw RuleSetError(path, "there are no .yaml or .yml files", "write the rules there, or name a file")
        }
        return try load(files, in: path.hasSuffix("/") ? path : path + "/")
    }

    private static func load(_ files: [String], in directory: String) throws(RuleSetError) -> RuleSet {
        var draft = RuleSetDraft()
        var problems: [RuleProblem] = []
        var parts: [(name: String, file: RuleReading.File)] = []
        for name in files {
            let path = directory + name
            guard let bytes = RuleFileBytes.read(path, limit: RuleReading.sizeLimit) else {
                problems += RuleSetError(path, "it cannot be read", "it must be a file of at most 16 MiB").problems
                continue
            }
            // The place of a set is no part of it.
            draft.record(bytes, of: directory.isEmpty ? "" : name)
            var reading = RuleReading(file: path, draft: draft)
            parts.append((name, reading.file(bytes)))
            draft = reading.draft
            problems += reading.problems
        }
        problems += conflicts(parts.map { (directory + $0.name, $0.file) })
        guard problems.isEmpty else {
            throw RuleSetError(problems: Array(problems.prefix(problemsLimit)))
        }
        return RuleSet(parts, draft)
    }

    /// What is wrong between files, or within one between its rules.
    private static func conflicts(_ files: [(path: String, file: RuleReading.File)]) -> [RuleProblem] {
        var problems: [RuleProblem] = []
        func report(_ file: String, _ line: Int, _ field: String, _ first: String) {
            problems.append(
                RuleProblem(
                    file: file, line: line, field: field, problem: "it is given twice, first in \(first)",
                    advice: "keep one of them"))
        }
        var ids: [String: String] = [:]
        var thresholds: String?
        var holdBack: String?
        for (path, file) in files {
            for rule in file.rules where !rule.id.isEmpty {
                if let first = ids[rule.id] { report(path, rule.line, "id \(rule.id)", first) }
                ids[rule.id] = ids[rule.id] ?? "\(path):\(rule.line)"
            }
            if file.header.thresholds != nil {
                if let thresholds { report(path, file.header.thresholdsLine, "thresholds", thresholds) }
                thresholds = path
            }
            if file.header.holdBack != nil {
                if let holdBack { report(path, file.header.holdBackLine, "hold_back", holdBack) }
                holdBack = path
            }
        }
        return problems
    }
}

extension RuleSetError {
    fileprivate init(_ file: String, _ problem: String, _ advice: String) {
        problems = [RuleProblem(file: file, line: nil, field: "", problem: problem, advice: advice)]
    }
}
