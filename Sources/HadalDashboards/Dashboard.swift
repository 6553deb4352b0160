import HadalJSON

/// A dashboard for Grafana, to import as it is.
public struct Dashboard: Sendable, Hashable {
    /// `overview`: the file's name and the end of its address.
    public let name: String
    let title: String
    let panels: [Panel]

    public static let all: [Dashboard] = [overview, models, tenants, workers, releases]

    public var json: JSON {
        [
            "uid": .string("hadal-" + name), "title": .string("Hadal: " + title), "tags": ["hadal"],
            "timezone": "browser",
            "schemaVersion": 39, "version": 1, "refresh": "30s", "time": ["from": "now-3h", "to": "now"],
            "links": [
                ["type": "dashboards", "title": "Hadal", "tags": ["hadal"], "asDropdown": true, "keepTime": true]
            ],
            "templating": [
                "list": [
                    ["name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"],
                    [
                        "name": "instance", "type": "query", "label": "Server",
                        "datasource": ["type": "prometheus", "uid": "${datasource}"],
                        "query": "label_values(hadal_build_info, instance)", "refresh": 2, "multi": true,
                        "includeAll": true,
                    ],
                ]
            ],
            "panels": .array(panels.enumerated().map { $1.json(place: $0) }),
        ]
    }
}
