/// Runs what asks the database for a request: where it cannot be asked, nobody is let in.
func unlessUnavailable<Value>(_ body: () throws(AccessStoreError) -> Value) throws(AccessError) -> Value {
    do { return try body() } catch { throw .unavailable(detail: error.description) }
}
