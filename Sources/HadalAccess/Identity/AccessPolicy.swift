/// How strict access is. All spans of time are seconds.
public struct AccessPolicy: Sendable, Hashable {
    /// A session that was not used so long has ended.
    public var sessionIdle: Double = 30 * 60
    /// A session ends then, however much it is used.
    public var sessionLength: Double = 12 * 3600
    /// How long a second factor that was shown in a session counts for further critical acts.
    public var secondFactorLength: Double = 5 * 60
    /// Whether who has set up a second factor needs it to log in, not for critical acts alone.
    public var secondFactorAtLogIn = true
    /// Wrong attempts on one user name, or with one user's second factor, before it is locked.
    public var attemptsPerName = 5
    /// Wrong attempts from one address (an IPv6 network of 64 bits) before it is locked. Many people may share one.
    public var attemptsPerAddress = 50
    /// Attempts longer ago than this are forgotten.
    public var attemptWindow: Double = 15 * 60
    /// How long a lock lasts.
    public var lockLength: Double = 15 * 60
    public var passwordCost = PasswordCost.standard

    public init() {}
}
