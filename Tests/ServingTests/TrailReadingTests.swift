import Foundation
import HadalAccess
import HadalAudit
import HadalConfiguration
import HadalJSON
import NIOHTTP1
import Testing

/// What `/admin/v1/trail…` shows, gives out and erases.
@Suite(.timeLimit(.minutes(15))) struct TrailReadingTests {
    @Test func valuesBehindMasksAreShownWhereTheyAreAskedFor() async throws {
        try await TrailServing.run {
            TrailServing.keepAll(&$0)
            $0.content.privacy.request.action = .mask
        } _: { guarded in
            let id = try await guarded.ask("mail ana@example.org").json["id"]?.string ?? ""
            let texts = try await guarded.admin(.GET, "trail/records/\(id)?texts=true")
            #expect(texts.body.contains("mail [EMAIL_1]") && !texts.body.contains("ana@example.org"), "\(texts.body)")
            let masks = try await guarded.admin(.GET, "trail/records/\(id)?masks=true").json["data"]?[0]
            #expect(masks?["input"]?["text"]?["masks"]?["[EMAIL_1]"] == "ana@example.org")
            #expect(masks?["output"]?["text"]?["sent"] == "mail ana@example.org")
        }
    }

    @Test func recordsAreFoundByWhatTheySay() async throws {
        try await TrailServing.run { guarded in
            var ids: [String] = []
            for _ in 0..<3 { ids.append(try await guarded.ask("one").json["id"]?.string ?? "") }
            func found(_ query: String) async throws -> [String] {
                let answer = try await guarded.admin(.GET, "trail?" + query)
                #expect(answer.status == 200, "\(answer.body)")
                return answer.json["data"]?.array?.compactMap { $0["request_id"]?.string } ?? []
            }
            #expect(try await found("kind=request") == ids.reversed())
            #expect(try await found("request=\(ids[1])") == [ids[1]])
            let all = "user=open&model=scripted&outcome=ok&action=/v1/chat/completions"
            #expect(try await found(all) == ids.reversed())
            #expect(try await found("kind=request&to=2020-01-01T00:00:00Z") == [])
            #expect(try await found("user=nobody") == [])
            let page = try await guarded.admin(.GET, "trail?kind=request&limit=2").json
            let last = try #require(page["data"]?[1]?["seq"]?.int)
            #expect(page["hasMore"] == true)
            #expect(try await found("kind=request&limit=2&after=\(last)") == [ids[0]])
            for query in ["kind=requests", "limit=0", "from=yesterday", "color=red"] {
                #expect(try await guarded.admin(.GET, "trail?" + query).status == 400, "\(query)")
            }
        }
    }

    @Test(arguments: ["jsonl", "cef", "syslog", "elasticsearch"]) func recordsGoOut(format: String) async throws {
        try await TrailServing.run(settings: TrailServing.keepAll) { guarded in
            let id = try await guarded.ask("one quagga").json["id"]?.string ?? ""
            let export = try await guarded.admin(.GET, "trail/export?kind=request&format=\(format)")
            #expect(export.status == 200 && export.body.contains(id) && !export.body.contains("quagga"))
            #expect(export.body.split(separator: "\n").count == (format == "elasticsearch" ? 2 : 1))
            let events = try guarded.audit.events(tenant: nil).map(\.event)
            #expect(events.first { $0.action == "audit.export" }?.details["format"] == format)
        }
    }

    @Test func anErasedPersonsTextsAreGoneAndTheTrailStaysValid() async throws {
        try await TrailServing.run(settings: TrailServing.keepAll) { guarded in
            let id = try await guarded.ask("one quagga").json["id"]?.string ?? ""
            let erased = try await guarded.admin(.POST, "trail/erase", ["user": "open"])
            #expect(erased.json == ["tenant": "default", "user": "open", "erased": true], "\(erased.body)")
            let again = try await guarded.admin(.POST, "trail/erase", ["user": "open"])
            #expect(again.json["erased"] == false)
            let gone = try await guarded.admin(.GET, "trail/records/\(id)?texts=true")
            let problem = gone.json["data"]?[0]?["input"]?["problem"]?.string
            #expect(problem?.contains("erased") == true && !gone.body.contains("quagga"), "\(gone.body)")
            // What is asked from now on has a new key.
            let later = try await guarded.ask("one okapi").json["id"]?.string ?? ""
            #expect(try await guarded.admin(.GET, "trail/records/\(later)?texts=true").body.contains("okapi"))
            let report = try await guarded.admin(.POST, "trail/verify")
            #expect(report.json["valid"] == true && report.json["findings"] == [], "\(report.body)")
            let status = try await guarded.admin(.GET, "trail/status").json
            #expect(status["rootKey"] == report.json["rootKey"] && status["failure"] == nil)
        }
    }

    @Test func withoutATrailThereIsNothingToShow() async throws {
        try await GuardedServing.run { guarded in
            for path in ["trail", "trail/status", "trail/records/1", "trail/export"] {
                let status = try await guarded.admin(.GET, path).status
                #expect(status == 404)
            }
        }
    }
}
