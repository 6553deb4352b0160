import Foundation

/// What an engine knows beside its rules, to be kept beyond the process.
public struct AlertState: Sendable, Hashable, Codable {
    static let version = 1
    /// Of the events that are listed.
    public static let recentMax = 500

    /// When an action was due.
    struct Act: Sendable, Hashable, Codable {
        let rule: String
        let labels: Labels
        let time: Date
    }

    private var version = Self.version
    public internal(set) var alerts: [Alert] = []
    public internal(set) var silences: [Silence] = []
    /// The last events, in order, silenced ones too.
    public internal(set) var recent: [AlertEvent] = []
    var acts: [Act] = []
    /// nil: as before there were any.
    private var lasting: [AlertEvent]?
    var evaluated: Date?

    public init() {}

    /// What lasts until its alert is over, by the events with which it began.
    var measures: [AlertEvent] {
        get { lasting ?? [] }
        set { lasting = newValue.isEmpty ? nil : newValue }
    }

    /// Whether nothing differs but when it was looked at.
    func isSame(as other: AlertState) -> Bool {
        var copy = other
        copy.evaluated = evaluated
        return copy == self
    }

    /// - Throws: `AlertError.state`.
    public init(json: Data) throws(AlertError) {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .secondsSince1970
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "+Inf", negativeInfinity: "-Inf", nan: "NaN")
        do { self = try decoder.decode(AlertState.self, from: json) } catch {
            throw .state(problem: AlertError.line("\(error)"))
        }
        guard version == Self.version else {
            throw .state(problem: "it has the version \(version), not \(Self.version)")
        }
    }

    public func json() throws(AlertError) -> Data {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .secondsSince1970
        encoder.outputFormatting = .sortedKeys
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "+Inf", negativeInfinity: "-Inf", nan: "NaN")
        do { return try encoder.encode(self) } catch { throw .state(problem: AlertError.line("\(error)")) }
    }
}
