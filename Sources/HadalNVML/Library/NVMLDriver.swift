/// The library from when somebody first asks on. A library or a driver that is not there is looked for again after a
/// minute: starting the driver may take long.
struct NVMLDriver {
    private var session: NVMLSession?
    private var problem: NVMLError?
    private var retry: ContinuousClock.Instant?

    mutating func report(_ library: String) -> GPUReport {
        if session == nil { open(library) }
        return session?.report() ?? GPUReport(problem: problem)
    }

    private mutating func open(_ library: String) {
        if let retry, .now < retry { return }
        do throws(NVMLError) {
            (session, problem) = (try NVMLSession(opening: library), nil)
        } catch {
            (problem, retry) = (error, .now + .seconds(60))
        }
    }
}
