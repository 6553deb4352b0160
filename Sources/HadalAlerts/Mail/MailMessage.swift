import Foundation

/// A message as it is mailed (RFC 5322): plain text in UTF-8.
struct MailMessage {
    let from: String
    let to: [String]
    let subject: String
    let date: Date
    /// Unique; the same for each try.
    let id: String
    let body: String

    /// With lines that end in CRLF.
    var text: String {
        let domain = from.split(separator: "@").last.map(String.init) ?? "localhost"
        let headers = [
            "From: \(from)",
            "To: \(to.joined(separator: ",\r\n "))",
            "Subject: \(HeaderText.encoded(subject, after: "Subject: ".count))",
            "Date: \(Self.date(date))",
            "Message-ID: <\(id)@\(domain)>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
        ]
        return headers.joined(separator: "\r\n") + "\r\n\r\n" + QuotedPrintable.encoded(body) + "\r\n"
    }

    private static func date(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = .gmt
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss +0000"
        return formatter.string(from: date)
    }
}

extension MailMessage {
    init(_ message: AlertMessage, from: String, to: [String]) {
        let paragraphs = message.events.map { event in
            [
                event.headline,
                "\(event.rule)\(event.labels.pairs.isEmpty ? "" : " \(event.labels)"), since "
                    + event.since.formatted(.iso8601),
                event.level == nil ? "" : event.advice,
                event.actionLine,
            ].filter { !$0.isEmpty }.joined(separator: "\n")
        }
        let others = message.omitted > 0 ? ["… and \(message.omitted) more"] : []
        self.init(
            from: from, to: to, subject: message.title, date: message.time, id: message.id,
            body: (paragraphs + others).joined(separator: "\n\n"))
    }
}
