import HadalTerminal
import Testing

@Suite("Display width")
struct DisplayWidthTests {
    @Test(
        "cells as terminals draw them",
        arguments: [
            ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("深海", 4), ("カタカナ", 8), ("ｶﾀ", 2), ("ＡＢ", 4), ("한글", 4),
            ("ᄒ\u{1161}ᆫ", 2), ("🐟", 2), ("👩‍👩‍👧", 2), ("👍🏽", 2), ("🇩🇪", 2), ("❤", 1), ("❤\u{FE0F}", 2),
            ("1\u{FE0F}\u{20E3}", 2),
            ("\u{200B}", 0), ("\u{7}", 0), ("\u{301}", 0), ("—…", 2), ("｜", 2), ("ก\u{E31}", 1), ("\u{1FAE0}", 2),
            ("𠀀", 2),
        ])
    func width(text: String, cells: Int) { #expect(text.displayWidth == cells) }

    @Test(
        "shortened texts keep within their cells",
        arguments: [
            ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("深海水", 6, "深海水"), ("深海水", 5, "深海…"), ("深海水", 4, "深…"),
            ("abc", 1, "…"), ("abc", 0, ""), ("", 3, ""), ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
        ])
    func truncated(text: String, width: Int, result: String) {
        #expect(text.truncated(toDisplayWidth: width) == result)
    }
}

@Suite("Control filter")
struct ControlFilterTests {
    @Test("no control but line feed and tab gets through")
    func clean() {
        #expect(ControlFilter.clean("a\tb\nc 深🐟") == "a\tb\nc 深🐟")
        #expect(
            ControlFilter.clean("\u{1B}]0;title\u{7}\u{1B}[31mred\u{9B}0m\r\n\u{0}\u{7F}\u{85}")
                == "]0;title[31mred0m\n")
        for value in UInt32(0)...0xFF {
            let scalar = Unicode.Scalar(value)!
            let isKept = value == 9 || value == 10 || (0x20..<0x7F).contains(value) || value >= 0xA0
            #expect(ControlFilter.clean("a\(scalar)b") == (isKept ? "a\(scalar)b" : "ab"), "\(value)")
        }
    }

    @Test("one line stays one line")
    func cleanLine() {
        #expect(ControlFilter.cleanLine("a\nb\tc\r\nd\u{1B}e\u{2028}f") == "a b c de f")
    }
}

@Suite("Table")
struct TableTests {
    @Test("columns are aligned, numbers at the right, Chinese counted double, without trailing spaces")
    func aligned() {
        let table = Table(
            header: ["NAME", "SIZE", "NOTE"], rows: [["深海", "1.5 GiB", "a note"], ["guide", "23 MiB", ""]], numbers: [1]
        )
        #expect(
            table.text == """
                NAME      SIZE  NOTE
                深海   1.5 GiB  a note
                guide   23 MiB
                """)
    }

    @Test("controls in cells do not reach the terminal")
    func controls() {
        #expect(Table(header: ["A", "B"], rows: [["a\u{1B}[31m", "b\nc"]]).text == "A      B\na[31m  b c")
        #expect(Table(header: ["A"], rows: []).text == "A")
    }
}

@Suite("Progress")
struct ProgressTests {
    @Test(
        "times left are read at a glance",
        arguments: [
            (0.0, "0 s"), (0.2, "1 s"), (59.5, "1:00"), (185.0, "3:05"), (3723.0, "1:02:03"),
            (Double.infinity, ">100 h"),
            (1e9, ">100 h"),
        ])
    func times(seconds: Double, text: String) { #expect(ProgressLine.time(seconds) == text) }

    @Test("the line fits every width")
    func fits() {
        let line = ProgressLine(label: "读取 model", fraction: 0.5, secondsLeft: 50)
        #expect(
            line.rendered(width: 100) == "读取 model  ███████████████░░░░░░░░░░░░░░░   50 %  50 s left")
        for width in 0...120 { #expect(line.rendered(width: width).displayWidth <= width, "\(width)") }
        #expect(ProgressLine(label: "load", fraction: 1).rendered(width: 24) == "load  ███████████  100 %")
        #expect(ProgressLine(label: "load", fraction: 0.999).rendered(width: 10).hasSuffix("99 %"))
    }

    @Test("a bar on a terminal draws at most ten times a second and clears its line")
    func terminal() throws {
        let pseudo = try PseudoTerminal(columns: 30, rows: 3)
        let clock = ManualClock()
        let bar = ProgressBar(
            "load", terminal: Terminal(descriptor: pseudo.slave, environment: ["TERM": "xterm"]), now: { clock.now })
        try pseudo.expectScreen(["load  ░░░░░░░░░░░░░░░░    0 %"])
        bar.update(0.25)
        clock.advance(.milliseconds(99))
        bar.update(0.375)
        clock.advance(.milliseconds(1))
        bar.update(0.5)
        // The two in between were never drawn.
        try pseudo.expectScreen(["load  ████████░░░░░░░░   50 %"])
        bar.update(.nan)
        clock.advance(.seconds(1))
        bar.update(7)
        try pseudo.expectScreen(["load  ████████████████  100 %"])
        bar.finish()
        try pseudo.expectScreen([], cursor: (0, 0))
        bar.update(0.1)
        bar.finish()
        try Terminal(descriptor: pseudo.slave).write("end")
        try pseudo.expectScreen(["end"])
    }

    @Test("after a second a bar says how long still")
    func estimates() throws {
        let pseudo = try PseudoTerminal(columns: 50, rows: 3)
        let clock = ManualClock()
        let bar = ProgressBar(
            "load\n", terminal: Terminal(descriptor: pseudo.slave, environment: ["TERM": "xterm"]),
            now: { clock.now })
        clock.advance(.milliseconds(999))
        bar.update(0.5)
        try pseudo.expect("50 %\u{1B}[K")
        clock.advance(.seconds(5))
        bar.update(0.75)
        try pseudo.expect("75 %  2 s left\u{1B}[K")
    }

    @Test("what was done before counts neither for the rate nor for the time left")
    func rates() throws {
        let pseudo = try PseudoTerminal(columns: 60, rows: 3)
        let clock = ManualClock()
        let bar = ProgressBar(
            "pull", startingAt: 0.5, rate: { "\(Int($0 * 1000)) MB/s" },
            terminal: Terminal(descriptor: pseudo.slave, environment: ["TERM": "xterm"]), now: { clock.now })
        try pseudo.expect("50 %\u{1B}[K")
        clock.advance(.seconds(2))
        bar.update(0.75)
        try pseudo.expect("75 %  125 MB/s  2 s left\u{1B}[K")
    }

    @Test("a released bar takes its line away; where no terminal is nothing is written")
    func released() throws {
        let pseudo = try PseudoTerminal(columns: 30, rows: 3)
        do {
            let bar = ProgressBar("load", terminal: Terminal(descriptor: pseudo.slave, environment: ["TERM": "xterm"]))
            bar.update(0.5)
        }
        try pseudo.expect("load")
        try pseudo.expect("\r\u{1B}[K")
        let silent = ProgressBar("silent", terminal: Terminal(descriptor: pseudo.slave, environment: ["TERM": "dumb"]))
        silent.update(0.5)
        silent.finish()
        try Terminal(descriptor: pseudo.slave).write("end")
        try pseudo.expectScreen(["end"])
    }

    @Test("many threads may report")
    func threads() async throws {
        let pseudo = try PseudoTerminal()
        let clock = ManualClock()
        let bar = ProgressBar(
            "load", terminal: Terminal(descriptor: pseudo.slave, environment: ["TERM": "xterm"]),
            now: { clock.now })
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask { for step in 0..<500 { bar.update(Double(worker * 100 + step) / 1200) } }
            }
        }
        clock.advance(.seconds(1))
        bar.update(0.5)
        try pseudo.expect("50 %")
    }
}
