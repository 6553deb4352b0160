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
    private var table: Table {
        var table = Table([
            Table.Column("NAME"), Table.Column("SIZE", alignment: .trailing), Table.Column("NOTE", shrinks: true),
        ])
        table.append(["深海", "1.5 GiB", "a note that is long"])
        table.append(["guide", "23 MiB", ""])
        return table
    }

    @Test("columns are aligned, Chinese counted double, without trailing spaces")
    func aligned() {
        #expect(
            table.rendered() == """
                NAME      SIZE  NOTE
                深海   1.5 GiB  a note that is long
                guide   23 MiB

                """)
    }

    @Test("a narrow terminal shortens the columns that may shrink, no further than legible")
    func narrow() {
        #expect(
            table.rendered(width: 28) == """
                NAME      SIZE  NOTE
                深海   1.5 GiB  a note that…
                guide   23 MiB

                """)
        #expect(table.rendered(width: 5).contains("a note …"))
    }

    @Test("titles may be left out; controls in cells do not reach the terminal")
    func plain() {
        var table = Table([Table.Column(""), Table.Column("")])
        table.append(["a\u{1B}[31m", "b\nc"])
        #expect(table.rendered() == "a[31m  b c\n")
        #expect(Table([Table.Column("A")]).rendered() == "A\n")
        #expect(Table([]).rendered(width: 10) == "")
    }
}

@Suite("Progress")
struct ProgressTests {
    @Test(
        "byte counts are read at a glance",
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (1_048_575, "1.0 MiB"),
            (25_165_824, "24.0 MiB"),
            (720_453_763_072, "671.0 GiB"), (Int64.max, "8.0 EiB"), (-2048, "-2.0 KiB"),
        ] as [(Int64, String)])
    func bytes(count: Int64, text: String) { #expect(ByteCount.text(count) == text) }

    @Test(
        "times left are read at a glance",
        arguments: [
            (0.0, "0 s"), (0.2, "1 s"), (59.5, "1:00"), (185.0, "3:05"), (3723.0, "1:02:03"), (Double.infinity, ">100 h"),
            (1e9, ">100 h"),
        ])
    func times(seconds: Double, text: String) { #expect(ProgressLine.time(seconds) == text) }

    @Test("the line fits every width")
    func fits() {
        let line = ProgressLine(label: "读取 model", fraction: 0.5, bytesPerSecond: 1_048_576, totalBytes: 100 << 20)
        #expect(
            line.rendered(width: 100)
                == "读取 model  ███████████████░░░░░░░░░░░░░░░   50 %  50.0 MiB/100.0 MiB  1.0 MiB/s  50 s left")
        for width in 0...120 { #expect(line.rendered(width: width).displayWidth <= width, "\(width)") }
        #expect(ProgressLine(label: "load", fraction: 1).rendered(width: 24) == "load  ████████  100 %")
        #expect(ProgressLine(label: "load", fraction: 0.999).rendered(width: 10).hasSuffix("99 %"))
        #expect(
            ProgressLine(label: "a", fraction: 0, bytesPerSecond: 0, totalBytes: 0).rendered(width: 80).contains(
                "0 B/0 B"))
    }

    @Test("the rate follows the last seconds; the average holds the whole")
    func rate() {
        var rate = TransferRate()
        #expect(rate.recent == nil)
        // 10 s at 100 bytes/s, then 10 s at 1000.
        var bytes: Int64 = 0
        for tenth in 0...200 {
            rate.add(bytes: bytes, at: .milliseconds(100 * tenth))
            bytes += tenth < 100 ? 10 : 100
        }
        #expect(abs(rate.recent! - 1000) < 1)
        #expect(abs(rate.average! - 550) < 1)
        // Many reports in no time neither crash nor count.
        for _ in 0..<10_000 { rate.add(bytes: bytes, at: .seconds(20)) }
        #expect(rate.recent! < 1100)
    }

    @Test("a bar on a terminal draws at most ten times a second and clears its line")
    func terminal() throws {
        let pseudo = try PseudoTerminal(columns: 30, rows: 3)
        let clock = ManualClock()
        let bar = ProgressBar(
            "load", terminal: Terminal(descriptor: pseudo.slave, environment: ["TERM": "xterm"]), now: { clock.now })
        try pseudo.expectScreen(["load  ░░░░░░░░░░░░░░    0 %"])
        bar.update(fraction: 0.25)
        clock.advance(.milliseconds(99))
        bar.update(fraction: 0.375)
        clock.advance(.milliseconds(1))
        bar.update(fraction: 0.5)
        // The two in between were never drawn.
        try pseudo.expectScreen(["load  ███████░░░░░░░   50 %"])
        bar.update(fraction: .nan)
        clock.advance(.seconds(1))
        bar.update(fraction: 7)
        try pseudo.expectScreen(["load  ██████████████  100 %"])
        bar.finish()
        try pseudo.expectScreen([], cursor: (0, 0))
        bar.update(fraction: 0.1)
        bar.finish(.complete)
    }

    @Test("a bar over bytes shows rate and time left; a finished line stays")
    func bytes() throws {
        let pseudo = try PseudoTerminal(columns: 80, rows: 3)
        let clock = ManualClock()
        let bar = ProgressBar(
            "pull\n", totalBytes: 4096, doneBytes: 1024,
            terminal: Terminal(descriptor: pseudo.slave, environment: ["TERM": "xterm"]), now: { clock.now })
        clock.advance(.seconds(1))
        bar.update(bytes: 2048)
        try pseudo.expect("50 %  2.0 KiB/4.0 KiB  1.0 KiB/s  2 s left")
        clock.advance(.seconds(2))
        bar.finish(.complete)
        try pseudo.expect("100 %  4.0 KiB/4.0 KiB  1.0 KiB/s\u{1B}[K\r\n")
    }

    @Test("a released bar takes its line away; where no terminal is nothing is written")
    func released() throws {
        let pseudo = try PseudoTerminal(columns: 30, rows: 3)
        do {
            let bar = ProgressBar("load", terminal: Terminal(descriptor: pseudo.slave, environment: ["TERM": "xterm"]))
            bar.update(fraction: 0.5)
        }
        try pseudo.expect("load")
        try pseudo.expect("\r\u{1B}[K")
        let silent = ProgressBar("silent", terminal: Terminal(descriptor: pseudo.slave, environment: ["TERM": "dumb"]))
        silent.update(fraction: 0.5)
        silent.finish(.complete)
        try Terminal(descriptor: pseudo.slave).write("end")
        try pseudo.expectScreen(["end"])
    }

    @Test("many threads may report")
    func threads() async throws {
        let pseudo = try PseudoTerminal()
        let clock = ManualClock()
        let bar = ProgressBar(
            "load", totalBytes: 1000, terminal: Terminal(descriptor: pseudo.slave, environment: ["TERM": "xterm"]),
            now: { clock.now })
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask { for step in 0..<500 { bar.update(bytes: Int64(worker * 100 + step)) } }
            }
        }
        clock.advance(.seconds(1))
        bar.update(bytes: 500)
        try pseudo.expect("50 %")
    }
}
