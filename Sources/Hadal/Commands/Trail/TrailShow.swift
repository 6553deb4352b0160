import ArgumentParser
import HadalAudit
import HadalJSON
import HadalTerminal

extension Audit {
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show everything that a record says, and with --texts question and answer.",
            discussion: """
                A request is named by its id, which the client got, or by the record's number. Reading texts is
                recorded.

                Examples:
                  hadal audit show 4711
                  hadal audit show chatcmpl-9f2c --texts
                  hadal audit show 4711 --texts --json
                """)

        @Argument(help: ArgumentHelp("The record's number or the request's id.", valueName: "record")) var name: String
        @Flag(help: "Show what was asked and answered too, as far as it was kept.") var texts = false
        @Flag(help: "Write JSON.") var json = false
        @OptionGroup var data: DataOption

        private struct Texts {
            var input: Result<String, AuditError>
            var output: Result<String, AuditError>
        }

        func run() async throws {
            let trail = try await TrailAccess(try data.settings())
            let records = try trail.records(name)
            var texts: [Texts?] = records.map { _ in nil }
            if self.texts {
                texts = try await trail.reading("audit.readText", records) { contents in
                    records.map { record in
                        Texts(
                            input: Result { () throws(AuditError) in try contents.input(of: record) },
                            output: Result { () throws(AuditError) in try contents.output(of: record) })
                    }
                }
            }
            let all = Array(zip(records, texts))
            if json { return print(JSON.array(try all.map(Self.json)).text) }
            print(try all.map(Self.text).joined(separator: "\n\n"))
        }

        /// The record, with `text` beside each form, or `problem` where there is none.
        private static func json(_ record: AuditRecord, _ texts: Texts?) throws -> JSON {
            var object = try Search.json(record).object ?? JSON.Object()
            guard let texts else { return .object(object) }
            for (part, text) in [("input", texts.input), ("output", texts.output)] {
                var member = object[part]?.object ?? JSON.Object()
                switch text {
                case .success(let text): member["text"] = (try? JSON(parsing: text)) ?? .string(text)
                case .failure(let error): member["problem"] = .string(error.description)
                }
                object[part] = .object(member)
            }
            return .object(object)
        }

        private static func text(_ record: AuditRecord, _ texts: Texts?) throws -> String {
            var rows = [["time", AuditTime.text(record.time)]]
            for (name, value) in try Search.json(record).object?.members ?? [] where name != "time" {
                rows.append([name, value.string ?? value.text])
            }
            var text = Table(header: ["record", "\(record.sequence)"], rows: rows).text
            guard let texts else { return text }
            for (part, content) in [("question", texts.input), ("answer", texts.output)] {
                text += "\n\n\(part)\n"
                switch content {
                case .success(let content): text += ControlFilter.clean(content)
                case .failure(let error): text += "(\(error))"
                }
            }
            return text
        }
    }
}
