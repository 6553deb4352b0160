import Foundation
import HadalJSON

extension RouteTable {
    /// Reads and checks configured routes:
    ///
    /// ```yaml
    /// - alias: chat                    # what clients ask for
    ///   zone: Europe/Berlin            # of times of day; UTC where there is none
    ///   rules:                         # the first that holds decides
    ///   - name: long
    ///     when:                        # all that is given must hold
    ///       tenants: [acme, "bank-*"]  # one is enough, as with users, roles and tags
    ///       prompt_tokens: {above: 8000, below: 100000}  # also output_tokens and cost
    ///       time: [{from: "22:00", to: "06:00", days: [mon, tue]}]  # one is enough; zone
    ///       requires: [tools, logprobs]  # the request needs all of them
    ///       background: true
    ///     use:                         # or a name, or a list as below targets
    ///       targets: [large, [{target: a, weight: 80}, {target: b, weight: 20}]]
    ///       sticky: user               # or tenant, or request
    ///       hedge_after: p95           # or a duration
    ///       timeout: 30s               # to the first token
    ///   default: small                 # as use
    /// ```
    ///
    /// A route whose alias is also a target's name stands before that target: in its own chains the name means the
    /// target, in those of other routes the route.
    ///
    /// - Parameters:
    ///   - json: the list of routes.
    ///   - targets: names of everything that can be asked; nil where that is not known yet, and every name is taken.
    ///   - field: where the list stands in the configuration.
    /// - Throws: `RouteTableError` with everything that is wrong.
    public static func load(
        _ json: JSON, targets: Set<String>?, field: String = "routes"
    ) throws(RouteTableError) -> RouteTable {
        var reading = RouteReading()
        let routes = reading.list(json, field).enumerated().compactMap { index, value in
            reading.route(value, "\(field)[\(index)]")
        }
        reading.checkNames(routes, targets)
        reading.checkCycles(routes, targets)
        guard reading.problems.isEmpty else { throw RouteTableError(problems: reading.problems) }
        return RouteTable(checked: routes.map(\.route), json: json)
    }
}

/// A route and where it stands.
struct PlacedRoute {
    var route: Route
    var path: String

    /// Every chain with its place.
    var uses: [(use: RouteUse, path: String)] {
        route.rules.enumerated().map { ($1.use, "\(path).rules[\($0)].use") } + [(route.fallback, "\(path).default")]
    }
}

extension RouteReading {
    mutating func route(_ value: JSON, _ path: String) -> PlacedRoute? {
        guard let fields = fields(value, path, known: ["alias", "zone", "rules", "default"]) else { return nil }
        let alias = name(fields, "alias")
        let zone = timeZone(fields, "zone") ?? TimeZone(identifier: "UTC") ?? .gmt
        let rules = fields["rules"].map { rulesOf($0, fields.path(of: "rules"), zone) } ?? []
        guard let value = fields["default"] else {
            report(fields.path(of: "default"), "it is missing", "write the target of requests for which no rule holds")
            return nil
        }
        guard let fallback = use(value, fields.path(of: "default")), let alias else { return nil }
        return PlacedRoute(route: Route(alias: alias, rules: rules, fallback: fallback), path: path)
    }

    private mutating func rulesOf(_ value: JSON, _ path: String, _ zone: TimeZone) -> [RouteRule] {
        var names: Set<String> = []
        var unconditional: String?
        // A rule that cannot be read still has its place, so that paths of later problems are right.
        return list(value, path).enumerated().map { index, value in
            let path = "\(path)[\(index)]"
            var rule = RouteRule(name: "", condition: RouteCondition(), use: RouteUse(chain: []))
            guard let fields = fields(value, path, known: ["name", "when", "use"]) else { return rule }
            rule.name = name(fields, "name") ?? ""
            if !rule.name.isEmpty, !names.insert(rule.name).inserted {
                report(fields.path(of: "name"), "'\(rule.name)' is the name of an earlier rule", "choose another")
            }
            if let earlier = unconditional {
                report(path, "rule '\(earlier)' has no conditions, so this one is never reached", "move it up")
            }
            if let value = fields["when"] {
                rule.condition = condition(value, fields.path(of: "when"), zone)
            }
            // One that is wrong does not count as without.
            let isUnconditional = fields["when"].map { $0.object?.isEmpty ?? false } ?? true
            if isUnconditional { unconditional = unconditional ?? rule.name }
            if let value = fields["use"] {
                rule.use = use(value, fields.path(of: "use")) ?? rule.use
            } else {
                report(fields.path(of: "use"), "it is missing", "write the target, or the chain of targets")
            }
            return rule
        }
    }

    mutating func checkNames(_ routes: [PlacedRoute], _ targets: Set<String>?) {
        var aliases: Set<String> = []
        for placed in routes where !aliases.insert(placed.route.alias).inserted {
            report("\(placed.path).alias", "'\(placed.route.alias)' is the alias of an earlier route", "merge the two")
        }
        guard let targets else { return }
        let known = targets.isEmpty ? "there are no targets" : "known: \(targets.sorted().joined(separator: ", "))"
        for placed in routes {
            for (use, path) in placed.uses {
                for name in use.chain.joined().map(\.target) where !aliases.contains(name) && !targets.contains(name) {
                    report(path, "'\(name)' is neither a target nor an alias", known)
                }
            }
        }
    }

    /// Tells each cycle once, at the route that stands first in it.
    mutating func checkCycles(_ routes: [PlacedRoute], _ targets: Set<String>?) {
        let byAlias = Dictionary(routes.map { ($0.route.alias, $0) }) { first, _ in first }
        var done: Set<String> = []
        for placed in routes {
            var path: [String] = []
            follow(placed.route.alias, byAlias, targets, &path, &done)
        }
    }

    private mutating func follow(
        _ alias: String, _ routes: [String: PlacedRoute], _ targets: Set<String>?, _ path: inout [String],
        _ done: inout Set<String>
    ) {
        guard let placed = routes[alias], !done.contains(alias) else { return }
        path.append(alias)
        for (use, field) in placed.uses {
            for name in use.chain.joined().map(\.target) where routes[name] != nil {
                if name == alias, targets?.contains(name) ?? true { continue }
                if let start = path.firstIndex(of: name) {
                    let cycle = (path[start...] + [name]).joined(separator: " → ")
                    report(field, "the alias leads back to itself: \(cycle)", "let one of them name a target")
                } else {
                    follow(name, routes, targets, &path, &done)
                }
            }
        }
        path.removeLast()
        done.insert(alias)
    }
}
