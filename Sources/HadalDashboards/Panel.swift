import HadalJSON

/// One picture of a dashboard.
struct Panel: Sendable, Hashable {
    enum Kind: String, Sendable, Hashable { case timeseries, stat, table, bargauge }

    struct Query: Sendable, Hashable {
        var expression: String
        /// `{{model}}`
        var legend: String
    }

    var title: String
    var kind = Kind.timeseries
    /// Grafana's name: `s`, `reqps`, `bytes`, `percentunit`, `celsius`, `watt`, `short`, `dateTimeFromNow`.
    var unit: String
    var queries: [Query]
    /// What a person should know of it.
    var help = ""

    /// - Parameter place: counted from 0; three stand beside each other.
    func json(place: Int) -> JSON {
        let letters = Array("ABCDEFGH")
        let targets = queries.enumerated().map { index, query -> JSON in
            .compact([
                ("refId", .string(String(letters[index]))), ("expr", .string(query.expression)),
                ("legendFormat", .string(query.legend)),
                ("instant", kind == .table ? true : nil), ("format", kind == .table ? "table" : nil),
            ])
        }
        return .compact([
            ("id", .int(Int64(place + 1))), ("type", .string(kind.rawValue)), ("title", .string(title)),
            ("description", help.isEmpty ? nil : .string(help)),
            ("datasource", ["type": "prometheus", "uid": "${datasource}"]),
            ("gridPos", ["h": 8, "w": 8, "x": .int(Int64(place % 3 * 8)), "y": .int(Int64(place / 3 * 8))]),
            (
                "fieldConfig",
                [
                    "defaults": .compact([("unit", .string(unit)), ("min", unit == "dateTimeFromNow" ? nil : 0)]),
                    "overrides": [],
                ]
            ),
            ("targets", .array(targets)),
        ])
    }
}
