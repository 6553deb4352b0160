import HadalAccess

/// What a request is counted as, as far as its way has told.
struct RequestLabels: Sendable {
    /// `none` where there is nothing at its path.
    var route = "none"
    /// Empty until it is known who asks.
    var tenant = ""
    /// Whom to record a refusal of; nil until it is known who asks a model, and again once the model's own step records.
    var asker: Principal?
}
