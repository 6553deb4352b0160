/// What a template may use. Templates come with downloaded checkpoints, so they are not trusted.
public struct TemplateLimits: Sendable, Hashable {
    /// Statements, expressions, loop turns; one for every 32 bytes made and every 4 bytes looked at one by one. Some
    /// 0.1 to 0.4 µs each in release builds.
    public var steps: Int
    /// Bytes of the result, and of any string made on the way.
    public var outputBytes: Int
    /// How deep evaluation may nest: macros that call themselves, mostly, at some 6 for each call. The default fits
    /// half a MiB of stack in release builds.
    public var depth: Int
    /// Elements of a range or of a list made by the template. 100,000 is also the limit of Jinja's sandbox for ranges.
    public var elements: Int

    /// The defaults leave room for a quadratic template over a thousand messages and end a hostile one in seconds.
    public init(steps: Int = 10_000_000, outputBytes: Int = 16 << 20, depth: Int = 200, elements: Int = 100_000) {
        self.steps = steps
        self.outputBytes = outputBytes
        self.depth = depth
        self.elements = elements
    }
}

/// Counts what a rendering uses against its limits.
final class Meter {
    let limits: TemplateLimits
    private var steps = 0
    private var depth = 0

    /// Containers nest no deeper, so that printing, comparing and freeing them cannot exhaust the stack.
    static let nestingLimit = 200

    init(_ limits: TemplateLimits) { self.limits = limits }

    func charge(_ count: Int = 1) throws {
        let (sum, overflow) = steps.addingReportingOverflow(count)
        guard !overflow, sum <= limits.steps else { throw Failure.limit(what: "steps", limits.steps) }
        steps = sum
    }

    /// Call before making a string of so many bytes.
    func charge(bytes: Int) throws {
        guard bytes <= limits.outputBytes else { throw Failure.limit(what: "bytes in a string", limits.outputBytes) }
        try charge(1 + bytes / 32)
    }

    /// Call before going through the characters of a text.
    func charge(scanning text: String) throws { try charge(1 + text.utf8.count / 4) }

    /// Call before making a container of so many elements.
    func charge(elements: Int) throws {
        guard elements <= limits.elements else { throw Failure.limit(what: "elements", limits.elements) }
        try charge(1 + elements)
    }

    func product(_ count: Int, _ times: Int) throws -> Int {
        let (product, overflow) = count.multipliedReportingOverflow(by: times)
        guard !overflow else { throw Failure.limit(what: "elements", limits.elements) }
        return product
    }

    func enter() throws {
        depth += 1
        guard depth <= limits.depth else { throw Failure.limit(what: "nested evaluations", limits.depth) }
    }

    func leave() { depth -= 1 }
}
