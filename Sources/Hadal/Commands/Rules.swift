import ArgumentParser
import Foundation
import HadalJSON
import HadalRules
import HadalTerminal

struct Rules: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check, try and list an organisation's own rules (docs/rules.md).",
        discussion: """
            FILE is a file of rules, or a directory of .yaml and .yml files.

            Examples:
              hadal rules check /etc/hadal/rules
              hadal rules test /etc/hadal/rules
              hadal rules test Deploy/rules.example.yaml --text "Project Neptune" --tenant bank
            """,
        subcommands: [Check.self, Test.self, List.self])

    /// The rules, or everything that is wrong with them.
    static func load(_ file: String) throws -> RuleSet {
        do throws(RuleSetError) {
            return try RuleSet.load(file)
        } catch {
            throw CommandFailure("the rules cannot be used:\n\(error)")
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell everything that is wrong with rules.",
            discussion: """
                Exits with 1 where something is, so that it can stand before a reload. Notes are about what is right but costs
                much, or may be seen too late in a stream.

                Example:
                  hadal rules check /etc/hadal/rules
                """)

        @Argument(help: "The file or directory.") var file: String
        @Flag(help: "Write JSON.") var json = false

        func run() throws {
            do throws(RuleSetError) {
                let set = try RuleSet.load(file)
                guard !json else { return print(report(set, problems: []).text) }
                for note in set.notes { print("note: \(note)") }
                let count = set.rules.count { $0.isEnabled }
                print("\(file): nothing is wrong; version \(set.version), \(count) rules, \(set.keywordCount) keywords")
            } catch {
                guard json else { throw CommandFailure("the rules cannot be used:\n\(error)") }
                print(report(nil, problems: error.problems).text)
                throw ExitCode.failure
            }
        }

        private func report(_ set: RuleSet?, problems: [RuleProblem]) -> JSON {
            var members: [(String, JSON)] = [
                ("ok", .bool(problems.isEmpty)), ("problems", .array(problems.map(\.json))),
                ("notes", .array((set?.notes ?? []).map(\.json))),
            ]
            if let set {
                members += [
                    ("version", .string(set.version)), ("digest", .string(set.digest)),
                    ("rules", .int(Int64(set.rules.count))), ("keywords", .int(Int64(set.keywordCount))),
                ]
            }
            return .object(.init(members))
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List rules in the order in which they are looked at.",
            discussion: """
                Example:
                  hadal rules list /etc/hadal/rules
                """)

        @Argument(help: "The file or directory.") var file: String
        @Flag(help: "Write JSON.") var json = false

        func run() throws {
            let set = try Rules.load(file)
            if json { return print(JSON.array(set.rules.map(\.json)).text) }
            let rows = set.rules.map { rule in
                [
                    rule.id, rule.isEnabled ? rule.isDryRun ? "dry run" : "on" : "off", "\(rule.priority)",
                    rule.action?.kind.rawValue ?? "-", rule.weight == 0 ? "" : "\(rule.weight)",
                    rule.scope.directions.map(\.rawValue).sorted().joined(separator: ", "), rule.description,
                ]
            }
            let header = ["RULE", "STATE", "PRIORITY", "ACTION", "WEIGHT", "DIRECTION", "DESCRIPTION"]
            print(Table(header: header, rows: rows, numbers: [2, 4]).text)
        }
    }
}

extension RuleProblem {
    var json: JSON {
        var members: [(String, JSON)] = [("file", .string(file))]
        if let line { members.append(("line", .int(Int64(line)))) }
        return .object(
            .init(members + [("field", .string(field)), ("problem", .string(problem)), ("advice", .string(advice))]))
    }
}

extension Rule {
    fileprivate var json: JSON {
        .object(
            .init([
                ("id", .string(id)), ("description", .string(description)), ("enabled", .bool(isEnabled)),
                ("dry_run", .bool(isDryRun)), ("priority", .int(Int64(priority))), ("stop", .bool(stops)),
                ("weight", .double(weight)), ("action", action.map { .string($0.kind.rawValue) } ?? .null),
                ("tags", .array(tags.map { .string($0) })),
                ("direction", .array(scope.directions.map(\.rawValue).sorted().map { .string($0) })),
                ("file", .string(file)), ("line", .int(Int64(line))),
            ]))
    }
}
