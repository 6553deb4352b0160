import Foundation
import NIOSSL

/// Mails each message, over a connection of its own.
public struct MailChannel: AlertChannel {
    public let kind = "mail"
    private let settings: MailSettings
    private let tls: NIOSSLContext

    /// - Parameter name: for errors.
    /// - Throws: `AlertError.channel`.
    public init(name: String, _ settings: MailSettings) throws(AlertError) {
        try settings.check(name)
        let configuration = try AlertTLS.client(channel: name, authority: settings.authority)
        do { tls = try NIOSSLContext(configuration: configuration) } catch {
            throw .channel(name, field: "tls_authority", problem: "cannot be used: \(AlertError.line("\(error)"))")
        }
        self.settings = settings
    }

    public func send(_ message: AlertMessage) async throws(AlertError) {
        let connection = try await MailConnection.open(
            settings.host, settings.port, tls: settings.security == .tls ? tls : nil)
        defer { connection.close() }
        let mail = MailMessage(message, from: settings.from, to: settings.to)
        do {
            try await withTaskCancellationHandler {
                var session = MailSession(connection, settings, name: Self.hostName)
                try await session.deliver(mail, tls: tls)
            } onCancel: {
                connection.close()
            }
        } catch let error as AlertError { throw error } catch {
            throw .delivery(problem: AlertError.line("\(error)"), isFinal: false)
        }
    }

    /// As EHLO wants it.
    private static var hostName: String {
        let name = ProcessInfo.processInfo.hostName
        let isName =
            !name.isEmpty
            && name.utf8.allSatisfy { byte in
                let character = Character(Unicode.Scalar(byte))
                return character.isASCII && (character.isLetter || character.isNumber || "-.".contains(character))
            }
        return isName ? name : "localhost"
    }
}
