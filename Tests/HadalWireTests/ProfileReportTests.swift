import Foundation
import HadalJSON
import HadalReport
import HadalWire
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// A profile of known numbers: on its way, as tables and as a flame graph.
@Suite struct ProfileReportTests {
    private static let profile: WorkerProfile = {
        var profile = WorkerProfile(device: "CPU (AVX-512 <VNNI>, 2 threads)")
        profile.roofline = WorkerProfile.Roofline(
            readBytesPerSecond: 10e9, int8OperationsPerSecond: 400e9, float32OperationsPerSecond: 100e9, wasBusy: false)
        var down = WorkerProfile.Operation(name: "down", part: "feed-forward")
        (down.calls, down.seconds, down.bytes, down.integerOperations) = (120, 2, 16_000_000_000, 40_000_000_000)
        var head = WorkerProfile.Operation(name: "LM head", part: "vocabulary")
        (head.calls, head.seconds, head.bytes, head.floatOperations) = (60, 1, 1_000_000_000, 50_000_000_000)
        var norm = WorkerProfile.Operation(name: "norm", part: "rows")
        (norm.calls, norm.seconds) = (300, 0.5)
        var decode = WorkerProfile.Phase(name: "decode")
        (decode.seconds, decode.steps, decode.answerRows) = (4, 60, 240)
        decode.operations = [norm, down, head]
        var waiting = WorkerProfile.Operation(name: "waiting for requests", part: "idle")
        (waiting.calls, waiting.seconds) = (3, 5.9999)
        var engine = WorkerProfile.Phase(name: "engine")
        (engine.seconds, engine.operations) = (6, [waiting])
        profile.phases = [decode, engine]
        (profile.memory.weights, profile.memory.resident) = (8_000_000_000, 9_500_000_000)
        profile.threads = [WorkerProfile.Threads(name: "compute", threads: 3, processorSeconds: 12.5)]
        return profile
    }()

    @Test func itArrivesAsItWas() throws {
        let json = try JSON(parsing: Self.profile.json.text)
        #expect(try WorkerProfile(json) == Self.profile)
        #expect(json["seconds"] == 10.0 && json["phases"]?[0]?["otherSeconds"] == 0.5)
        let down = json["phases"]?[0]?["operations"]?[1]
        #expect(down?["share"] == 0.2 && down?["bytesPerSecond"] == 8e9 && down?["rooflineShare"] == 0.8)
        #expect(json["phases"]?[0]?["operations"]?[0]?["rooflineShare"] == nil, "nothing of a norm is counted")
        for request in [ProfileRequest(seconds: 30), ProfileRequest(seconds: 1, probeBytes: 1 << 30)] {
            #expect(try ProfileRequest(try JSON(parsing: request.json.text)) == request)
        }
        for body: JSON in [["seconds": 0], ["seconds": 301], ["seconds": 1.5], [:], ["seconds": 1, "more": true]] {
            #expect(throws: WireError.self) { try ProfileRequest(body) }
        }
        for body: JSON in [[:], ["device": "d"], ["device": "d", "memory": [:], "phases": [["phase": 1]]]] {
            #expect(throws: WireError.self) { try WorkerProfile(body) }
        }
    }

    @Test func theRooflineIsTheNearerLimit() {
        let operations = Self.profile.phases[0].operations
        // 1.6 s of reading and 0.1 s of computing took 2 s; 0.1 s and 0.5 s took one.
        #expect(operations.map(Self.profile.rooflineShare) == [nil, 0.8, 0.5])
        var unmeasured = Self.profile
        unmeasured.roofline = nil
        #expect(unmeasured.rooflineShare(operations[1]) == nil)
    }

    @Test func tablesTellTheMostFirst() throws {
        let text = ProfileReport(name: "r1", Self.profile).text
        let lines = text.split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true) }
            .map { $0.joined(separator: " ") }
        #expect(lines[0] == "r1: 10.00 s on CPU (AVX-512 <VNNI>, 2 threads)")
        #expect(lines[1] == "limits: read 10.00 GB/s, int8 400.00 GOP/s, float32 100.00 GOP/s")
        #expect(lines.contains("decode 60 0 240 4.00 s 40.0 % 66.67 ms"))
        let first = try #require(lines.firstIndex { $0.hasPrefix("PHASE OPERATION") })
        #expect(
            Array(lines[(first + 1)...(first + 6)]) == [
                "engine waiting for requests 3 6.00 s 60.0 % - - - -",
                "decode down 120 2.00 s 20.0 % 16.00 GB 8.0 20.0 80 %",
                "decode LM head 60 1.00 s 10.0 % 1.00 GB 1.0 50.0 50 %",
                "decode norm 300 500.00 ms 5.0 % - - - -", "decode other - 500.00 ms 5.0 % - - - -",
                "1 more took 100.0 µs together; --json has them.",
            ])
        #expect(lines.contains("weights 8.00 GB") && lines.contains("compute 3 12.50 s 1.25"))
        let nothing = ProfileReport(name: "r1", WorkerProfile(device: "CPU")).text
        #expect(nothing.contains("No step was computed") && nothing.contains("not measured"))
    }

    @Test func theFlameGraphIsXMLWithEachFrameAsWideAsItsTime() throws {
        var profile = Self.profile
        profile.phases[0].operations[0].name = "norm \u{1} & <more>"
        let svg = ProfileReport(name: "r1 \"<&>\"", profile).svg
        let reader = Frames()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = reader
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        #expect(!svg.contains("<script") && !svg.contains("href"))
        #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
        // 1180 points are 10 s.
        let widths = Dictionary(uniqueKeysWithValues: reader.frames)
        #expect(widths["all: 10.00 s, 100.0 %"] == 1180)
        #expect(widths["decode: 4.00 s, 40.0 %, 60 steps"] == 472)
        let down =
            "decode › feed-forward › down: 2.00 s, 20.0 %, 120 calls, 16.00 GB read at 8.00 GB/s, 80 % of the roofline"
        #expect(widths[down] == 236)
        #expect(widths["decode › rows › norm  & <more>: 500.00 ms, 5.0 %, 300 calls"] == 59)
        #expect(widths["decode › other: 500.00 ms, 5.0 %"] == 59)
        // An image of nothing is one too.
        #expect(XMLParser(data: Data(ProfileReport(name: "", WorkerProfile(device: "")).svg.utf8)).parse())
    }

    /// Title and width of each frame.
    private final class Frames: NSObject, XMLParserDelegate {
        var frames: [(String, Double)] = []
        private var title = ""
        private var isTitle = false
        private var depth = 0

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) {
            if name == "g" { depth += 1 }
            isTitle = name == "title" && depth > 0
            if isTitle { title = "" }
            if name == "rect", depth > 0 { frames.append((title, attributes["width"].flatMap(Double.init) ?? -1)) }
        }

        func parser(_ parser: XMLParser, foundCharacters text: String) { if isTitle { title += text } }

        func parser(
            _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
        ) {
            if name == "g" { depth -= 1 }
            isTitle = false
        }
    }
}
