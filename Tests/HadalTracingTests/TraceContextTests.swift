import Testing

@testable import HadalTracing

@Suite(.timeLimit(.minutes(15)))
struct TraceContextTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    @Test func aHeaderComesBack() throws {
        let header = "00-\(Self.trace)-00f067aa0ba902b7-01"
        let context = try #require(TraceContext(header: header, state: "vendor=1"))
        #expect(context.header == header && context.isSampled && context.state == "vendor=1")
        let child = context.child
        #expect(
            child.trace == context.trace && child.span != context.span && child.isSampled && child.state == "vendor=1")
    }

    /// Of a later version what this one knows; nothing of what is none (the recommendation, 2.2 and 4.3).
    @Test(arguments: [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", true),
        ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", true),
        ("", false), ("00", false), ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", false),
    ])
    func whatIsNoneBeginsANewTrace(header: String, isOne: Bool) {
        #expect((TraceContext(header: header) != nil) == isOne)
    }
}
