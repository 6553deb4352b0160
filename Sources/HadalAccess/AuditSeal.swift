/// How the audit's rows are encrypted, by whoever has the keys. Context is what a row is: one that was changed, or put
/// in another's place, does not open.
public struct AuditSeal: Sendable {
    /// nil: new rows are written in plain.
    public var seal: (@Sendable (_ value: [UInt8], _ context: String) throws -> [UInt8])?
    public var open: @Sendable (_ sealed: [UInt8], _ context: String) throws -> [UInt8]

    public init(
        seal: (@Sendable (_ value: [UInt8], _ context: String) throws -> [UInt8])?,
        open: @escaping @Sendable (_ sealed: [UInt8], _ context: String) throws -> [UInt8]
    ) {
        self.seal = seal
        self.open = open
    }
}
