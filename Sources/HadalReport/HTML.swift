/// Pages that need nothing but themselves: no script, nothing from elsewhere.
package enum HTML {
    package static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }

    /// - Parameters:
    ///   - header: cells of the first row.
    ///   - rows: the first cell of each is its head.
    package static func table(_ header: [String], _ rows: [[String]]) -> String {
        let head = header.map { "<th>\(escaped($0))</th>" }.joined()
        let body = rows.map { row in
            "<tr><th>\(escaped(row[0]))</th>" + row.dropFirst().map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
        }
        return "<table><thead><tr>\(head)</tr></thead><tbody>\(body.joined())</tbody></table>"
    }

    package static func page(_ title: String, _ body: String) -> String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>\(escaped(title))</title><style>
        :root{color-scheme:light dark;--ink:#1c2430;--soft:#667085;--line:#d7dce3;--paper:#fff;--c0:#2563eb;--c1:#d9480f;--c2:#2f855a;--c3:#7c3aed;--c4:#b7791f;--c5:#0e7490}
        @media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#98a2b3;--line:#344054;--paper:#11161d;--c0:#7aa7ff;--c1:#ff9b6a;--c2:#6fcf97;--c3:#b79cff;--c4:#f2c14e;--c5:#5cc8de}}
        body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:1360px;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.4rem;margin-bottom:.2rem}h2{font-size:1.1rem;margin-top:2rem}p.sub{color:var(--soft);margin-top:0}
        table{border-collapse:collapse;margin:1rem 0;display:block;overflow-x:auto}th,td{padding:.3rem .8rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
        th:first-child{text-align:left;font-weight:600}thead th{color:var(--soft);font-weight:500}
        .cards{display:flex;flex-wrap:wrap;gap:.8rem;margin:1rem 0}.card{border:1px solid var(--line);border-radius:8px;padding:.6rem 1rem;min-width:9rem}
        .card b{display:block;font-size:1.3rem}.card span{color:var(--soft)}.card.bad b{color:var(--c1)}.card.good b{color:var(--c2)}
        .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(420px,1fr));gap:1.2rem}
        svg{width:100%;height:auto}svg text{fill:var(--soft);font-size:11px}svg text.title{fill:var(--ink);font-size:13px;font-weight:600}svg .y{text-anchor:end}svg .x{text-anchor:middle}
        polyline{fill:none;stroke-width:1.8;stroke:currentColor}.dashed{stroke-dasharray:5 4}.grid{stroke:var(--line);stroke-width:1}.limit{stroke:var(--c1);stroke-width:1;stroke-dasharray:2 3}
        .c0{color:var(--c0)}.c1{color:var(--c1)}.c2{color:var(--c2)}.c3{color:var(--c3)}.c4{color:var(--c4)}.c5{color:var(--c5)}
        .legend{margin:.1rem 0 0 4rem}.legend span{margin-right:1rem}.legend span:before{content:"— "}.legend span.dashed:before{content:"- - "}
        </style></head><body>
        \(body)
        </body></html>

        """
    }
}
