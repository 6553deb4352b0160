/// What became of one question. Times are seconds since the test began.
struct Sample: Sendable {
    /// When it was to be asked: an open load's latencies count from here, or a server that stalls would be seen only by
    /// those who had got through to it (coordinated omission).
    var planned: Double
    var firstToken: Double?
    var end: Double
    /// Pieces of the answer, and seconds from the first to the last.
    var pieces = 0
    var streaming = 0.0
    var promptTokens = 0
    var cachedTokens = 0
    var answerTokens = 0
    /// nil: it was answered.
    var failure: String?

    var timeToFirstToken: Double? { firstToken.map { $0 - planned } }
    var endToEnd: Double { end - planned }
    /// Seconds for each token after the first.
    var perToken: Double? { pieces > 1 ? streaming / Double(max(answerTokens, pieces) - 1) : nil }
}
