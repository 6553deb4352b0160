import HadalFirewall
import HadalJSON

/// Reads a JSON object a line, with `text` and, for documents, `"trusted": false`; writes a verdict a line.
func score() throws {
    let firewall = Firewall()
    while let line = readLine() {
        guard case .object(let object) = try JSON(parsing: line), case .string(let text)? = object["text"] else {
            throw ScoreError(line: line)
        }
        let role: FirewallMessage.Role = object["trusted"] == .bool(false) ? .document : .user
        print(firewall.check([FirewallMessage(role, text)]).json.text)
    }
}

struct ScoreError: Error, CustomStringConvertible {
    let line: String

    var description: String { "needs an object with a text: \(line.prefix(80))" }
}
