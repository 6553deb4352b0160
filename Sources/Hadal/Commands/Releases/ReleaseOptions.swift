import ArgumentParser
import HadalJSON
import HadalTerminal

/// Why something is done, for those who look at it later.
struct ReasonOption: ParsableArguments {
    @Option(help: ArgumentHelp("Why, for the record.", valueName: "text")) var why = ""
}

extension JSON {
    /// A member as text without controls; `-` where there is none.
    func shown(_ name: String) -> String {
        guard let value = self[name], !value.isNull else { return "-" }
        return ControlFilter.cleanLine(value.string ?? value.text)
    }

    /// `1: 95 %, 2: 5 %; mirror 3: 10 %` of a deployment's traffic.
    var trafficText: String {
        let shares = (self["shares"]?.object?.members ?? []).map { "\($0.key): \($0.value.text) %" }
        let mirror = self["mirror"].map { ["mirror \($0.shown("version")): \($0.shown("share")) %"] } ?? []
        let text = (shares + mirror).joined(separator: ", ")
        return text.isEmpty ? "-" : text
    }

    /// `canary 1 → 2` of a rollout.
    var rolloutText: String { "\(shown("kind")) \(shown("baseline")) → \(shown("candidate"))" }
}
