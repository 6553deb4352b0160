extension AuditSearch {
    /// The trail's first key, which tells it from one that was put in its place; nil where there is no trail.
    public var rootKey: AuditKeyID? {
        get throws(AuditError) { try KeyHistory.read(directory.keys).entries.first?.id }
    }
}
