/// The values of `format` that strings are held to, as regular expressions for the whole string. Others are notes to the
/// reader, as the specification has it.
enum StringFormats {
    static func pattern(_ name: String) -> String? { patterns[name] }

    static var names: [String] { patterns.keys.sorted() }

    private static let year = #"[0-9]{4}"#
    private static let leapYear =
        #"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"#
    /// RFC 3339.
    private static let date =
        "(?:\(year)-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
        + "|02-(?:0[1-9]|1[0-9]|2[0-8]))|\(leapYear)-02-29)"
    private static let time =
        #"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"#
    /// RFC 3339, appendix A.
    private static let duration = {
        let days = "[0-9]{1,9}D"
        let date = "(?:\(days)|[0-9]{1,9}M(?:\(days))?|[0-9]{1,9}Y(?:[0-9]{1,9}M(?:\(days))?)?)"
        let seconds = "[0-9]{1,9}S"
        let time = "T(?:\(seconds)|[0-9]{1,9}M(?:\(seconds))?|[0-9]{1,9}H(?:[0-9]{1,9}M(?:\(seconds))?)?)"
        return "P(?:[0-9]{1,9}W|\(date)(?:\(time))?|\(time))"
    }()
    private static let label = #"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"#
    private static let hostname = "\(label)(?:\\.\(label))*"
    private static let atom = #"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"#
    private static let octet = #"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"#
    private static let ipv4 = "\(octet)(?:\\.\(octet)){3}"
    /// RFC 4291, section 2.2.
    private static let ipv6 = {
        let group = "[0-9A-Fa-f]{1,4}"
        var forms = ["(?:\(group):){7}\(group)", "(?:\(group):){6}\(ipv4)"]
        // '::' stands for at least one group.
        for before in 0...7 {
            let left = before == 0 ? ":" : "(?:\(group):){\(before)}"
            forms.append(before == 7 ? "\(left):" : "\(left):(?:\(group)(?::\(group)){0,\(6 - before)})?")
            if before <= 5 { forms.append("\(left):(?:\(group):){0,\(5 - before)}\(ipv4)") }
        }
        return "(?:\(forms.joined(separator: "|")))"
    }()
    /// RFC 3986: the characters of a URI after its scheme.
    private static let uriRest = #"(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=\[\]-]|%[0-9A-Fa-f]{2})*"#
    private static let scheme = #"[A-Za-z][A-Za-z0-9+.-]*:"#

    private static let patterns: [String: String] = [
        "date": date,
        "time": time,
        "date-time": "\(date)T\(time)",
        "duration": duration,
        "email": "\(atom)(?:\\.\(atom))*@\(hostname)",
        "hostname": hostname,
        "ipv4": ipv4,
        "ipv6": ipv6,
        "uuid": "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
        "uri": scheme + uriRest,
        // A first segment with a colon would be a scheme.
        "uri-reference": "(?:\(scheme)\(uriRest)|(?:[A-Za-z0-9._~@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*(?:[/?#]\(uriRest))?)",
        "json-pointer": #"(?:/(?:[^~/]|~[01])*)*"#,
    ]
}
