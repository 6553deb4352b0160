import Foundation
import HadalTerminal
import Testing

@Suite("History")
struct HistoryTests {
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try body(folder.appendingPathComponent("history").path)
    }

    @Test("entries come back, whatever is in them")
    func roundTrip() throws {
        try inFolder { file in
            let entries = ["深海 🐟", "two\nlines", "\"quoted\" \\ / \u{1B} \u{2028}", "e\u{301}"]
            var history = History(file: file)
            for entry in entries { try history.add(entry) }
            #expect(history.entries == entries)
            #expect(History(file: file).entries == entries)
            #expect(try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").count == entries.count)
        }
    }

    @Test("blank, repeated and huge entries are not kept")
    func kept() throws {
        var history = History()
        for entry in ["a", "", " \n", "a", "b", "a", String(repeating: "x", count: History.entryBytesMax + 1)] {
            try history.add(entry)
        }
        #expect(history.entries == ["a", "b", "a"])
    }

    @Test("the oldest go when there are too many")
    func bounded() throws {
        try inFolder { file in
            var history = History(file: file, entriesMax: 3)
            for number in 1...5 { try history.add("\(number)") }
            #expect(history.entries == ["3", "4", "5"])
            #expect(History(file: file).entries == ["3", "4", "5"])
            #expect(History(file: file, entriesMax: 2).entries == ["4", "5"])
        }
    }

    @Test("two programs keep each other's entries")
    func shared() throws {
        try inFolder { file in
            var one = History(file: file)
            var two = History(file: file)
            try one.add("one")
            try two.add("two")
            #expect(History(file: file).entries == ["one", "two"])
        }
    }

    @Test("broken lines are passed over")
    func broken() throws {
        try inFolder { file in
            try Data("\"a\"\n{]\n42\n\n\"b\nc\"\n\u{0}\n\"d\"".utf8).write(to: URL(fileURLWithPath: file))
            #expect(History(file: file).entries == ["a", "d"])
            var history = History(file: file)
            try history.add("e")
            #expect(History(file: file).entries == ["a", "d", "e"])
        }
    }

    @Test("a file others could read becomes private; a link stays a link")
    func permissions() throws {
        try inFolder { file in
            let target = file + ".target"
            try Data("\"a\"\n".utf8).write(to: URL(fileURLWithPath: target))
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: target)
            try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: target)
            var history = History(file: file)
            try history.add("b")
            #expect(try FileManager.default.attributesOfItem(atPath: target)[.posixPermissions] as? Int == 0o600)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: file) == target)
            #expect(History(file: target).entries == ["a", "b"])
        }
    }

    @Test("a file that cannot be written is an error that names it; the entry stays in memory")
    func unwritable() throws {
        try inFolder { file in
            try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: true)
            var history = History(file: file)
            #expect {
                try history.add("a")
            } throws: { error in
                guard case TerminalError.historyNotSaved(let path, "rename", _)? = error as? TerminalError else {
                    return false
                }
                return path.hasSuffix("/history") && "\(error)".contains(path)
            }
            #expect(history.entries == ["a"])
            // Nothing is left beside it.
            let folder = (file as NSString).deletingLastPathComponent
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["history"])
        }
    }
}
