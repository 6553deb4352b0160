import Foundation
import Testing

@testable import HadalLoad

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite(.timeLimit(.minutes(15)))
struct ReportTests {
    private static func result(_ model: String = "guide") throws -> LoadResult {
        var options = LoadTest.Options(.open(rate: 5, burstiness: 1), Workload())
        options.seconds = 20
        options.objectives = [try Objective(parsing: "ttft.p99=0.3")]
        let samples = (0..<100).map { number in
            LoadResultTests.sample(
                at: Double(number) / 5, first: 0.05 + Double(number % 37) / 100, end: 1,
                failure: number == 50 ? "status 503 <script>" : nil)
        }
        var result = LoadResultTests.result(samples, options, until: 20, tokens: Array(repeating: 55, count: 21))
        result.model = model
        return result
    }

    /// Well-formed, with nothing from elsewhere, and what others named is shown as text.
    private func check(_ page: String) throws {
        let body = page.replacing(/<meta [^>]*>/, with: "").replacing("<!doctype html>", with: "")
        let parser = XMLParser(data: Data(body.utf8))
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        #expect(!page.contains("http") && !page.contains("<script"))
    }

    @Test func pages() throws {
        let (one, other) = (try Self.result("<guide> & \"friends\""), try Self.result())
        let page = LoadReport.html(one)
        try check(page)
        #expect(page.contains("&lt;guide&gt; &amp; &quot;friends&quot;") && page.contains("polyline"))
        #expect(page.contains("status 503 &lt;script&gt;"))
        try check(LoadReport.html(one, other, names: ("a<b", "c")))
        try check(LoadReport.html([.init(load: 1, one), .init(load: 2, other)], of: "clients"))
    }

    @Test func nothingMeasuredIsAPageToo() throws {
        let options = LoadTest.Options(.closed(clients: 1), Workload())
        let result = LoadResultTests.result([], options, until: 0)
        try check(LoadReport.html(result))
        #expect(result.text.contains("0 answers"))
    }

    @Test func comparison() throws {
        let one = try Self.result()
        var other = one
        other.tokensPerSecond = one.tokensPerSecond * 1.5
        let rows = Comparison(one, other).rows
        #expect(rows[0].change == "+50 %" && rows[1].change == "+0 %")
        #expect(Comparison(one, other).text.split(separator: "\n").count == rows.count + 1)
    }
}
