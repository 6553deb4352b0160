import Foundation
import HadalCheckpoint
import HadalJSON
import TestSupport
import Testing

@Suite struct SafetensorsTests {
    let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }

    func parse(_ bytes: [UInt8]) throws -> SafetensorsFile {
        try SafetensorsFile.parse(MappedFile(copying: bytes, path: "test.safetensors"))
    }

    @Test("tensors come in the order of their data, whatever the header's order")
    func order() throws {
        let header = """
            {"z":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"__metadata__":{"format":"pt"},\
            "y":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}
            """
        let bytes = Fixtures.safetensors([], header: header) + Fixtures.bytes([1, 2])
        let file = try parse(bytes)
        #expect(file.tensors.map(\.name) == ["y", "z"])
        #expect(file.tensors.map { $0.dequantized() } == [[1], [2]])
        #expect(file.metadata.map(\.key) == ["format"])
    }

    @Test("data at odd addresses is read right")
    func misaligned() throws {
        var bytes = Fixtures.safetensors([("a", "F32", [2], Fixtures.bytes([1.5, -2]))])
        let length = bytes[0]
        // Another blank in the header moves the data by a byte.
        bytes[0] = length + 1
        bytes.insert(0x20, at: 8 + Int(length))
        #expect(try parse(bytes).tensors[0].dequantized() == [1.5, -2])
    }

    @Test("a file cut anywhere is an error")
    func truncation() throws {
        let whole = Fixtures.safetensors([
            ("a", "F32", [2], Fixtures.bytes([1, 2])), ("b", "BF16", [2, 1], [0, 1, 2, 3]), ("c", "BOOL", [1], [1]),
        ])
        for length in 0..<whole.count {
            let cut = try directory.write(Array(whole[..<length]), "cut.safetensors")
            let error = try #require(throws: CheckpointError.self) { try Checkpoint.open(cut) }
            #expect(error.description.hasPrefix(cut))
        }
        #expect(throws: Never.self) { try parse(whole) }
        #expect(throws: CheckpointError.self) { try parse(whole + [0]) }
    }

    @Test("an error names the file, the tensor and where it stands")
    func place() throws {
        let header = #"{"ok":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"bad":{"dtype":"f32"}}"#
        let error = try #require(throws: CheckpointError.self) { try parse(Fixtures.safetensors([], header: header)) }
        let expected = CheckpointError.invalid(
            file: "test.safetensors", item: "tensor \"bad\"", offset: 8 + 55, problem: "unknown dtype \"f32\"")
        #expect(error == expected)
    }

    @Test("no byte, set to anything, crashes the parser")
    func corruption() throws {
        let whole = Fixtures.safetensors([("a", "F32", [2], Fixtures.bytes([1, 2])), ("b", "F8_E4M3", [2], [1, 2])])
        for index in 0..<whole.count {
            for value: UInt8 in [0, 0x22, 0x2D, 0x39, 0x5D, 0x7D, 0xFF] {
                var bytes = whole
                bytes[index] = value
                for tensor in (try? parse(bytes))?.tensors ?? [] { _ = tensor.dequantized() }
            }
        }
    }

    @Test("every dtype opens, those that hold no real numbers too")
    func dtypes() throws {
        let types = [
            "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "I16", "U16", "F16",
            "BF16", "I32", "U32", "F32", "C64", "F64", "I64", "U64", "F4", "F6_E2M3", "F6_E3M2",
        ]
        for type in types {
            let format = try #require(TensorFormat(name: type))
            let bytes = [UInt8](repeating: 0, count: format.byteCount(elements: 4))
            let tensor = try #require(try parse(Fixtures.safetensors([("t", type, [4], bytes)])).tensors.first)
            #expect(tensor.format.name == type)
            let values = tensor.dequantized()
            switch format {
            case .f8_E8M0: #expect(values == [Float](repeating: 0x1p-127, count: 4))
            case _ where format.hasRealValues: #expect(values == [0, 0, 0, 0])
            default: #expect(values.allSatisfy { $0.isNaN })
            }
        }
    }

    @Test("FP8 factors find their weight in another shard")
    func shards() throws {
        let weight = [UInt8](repeating: 0x38, count: 2 * 130)
        try directory.write(Array(#"{"model_type":"deepseek_v3"}"#.utf8), "config.json")
        try directory.write(
            Fixtures.safetensors([("x.weight", "F8_E4M3", [2, 130], weight)]), "model-00001-of-00002.safetensors")
        let scale = Fixtures.bytes([2, 4])
        try directory.write(
            Fixtures.safetensors([("x.weight_scale_inv", "F32", [1, 2], scale)]), "model-00002-of-00002.safetensors")
        let index = """
            {"metadata":{},"weight_map":{"x.weight":"model-00001-of-00002.safetensors",\
            "x.weight_scale_inv":"model-00002-of-00002.safetensors"}}
            """
        try directory.write(Array(index.utf8), "model.safetensors.index.json")
        let checkpoint = try Checkpoint.open(directory.url.path)
        #expect(checkpoint.tensorOrder == ["x.weight"])
        #expect(checkpoint.config?["model_type"]?.string == "deepseek_v3")
        #expect(checkpoint.generationConfig == nil)
        let values = try checkpoint.tensor("x.weight").dequantized()
        #expect(values[0] == 2 && values[127] == 2 && values[128] == 4 && values[130] == 2 && values[259] == 4)
        #expect(throws: CheckpointError.missing(place: checkpoint.path, item: "tensor y")) {
            try checkpoint.tensor("y")
        }
        // A scale of another shape is refused.
        try directory.write(
            Fixtures.safetensors([("x.weight_scale_inv", "F32", [2, 1], scale)]), "model-00002-of-00002.safetensors")
        #expect(throws: CheckpointError.self) { try Checkpoint.open(directory.url.path) }
    }

    @Test(
        "an index that lies is refused",
        arguments: [
            #"{"weight_map":{"a":"../model.safetensors"}}"#, #"{"weight_map":{"a":"/etc/passwd"}}"#,
            #"{"weight_map":{"b":"model.safetensors"}}"#, #"{"weight_map":{"a":"other.safetensors"}}"#,
            #"{"weight_map":{"a":7}}"#, #"{"weight_map":{}}"#, #"{}"#, #"["#,
        ])
    func index(text: String) throws {
        try directory.write(Array("{}".utf8), "config.json")
        try directory.write(Fixtures.safetensors([("a", "U8", [1], [1])]), "model.safetensors")
        #expect(throws: Never.self) { try Checkpoint.open(directory.url.path) }
        try directory.write(Array(text.utf8), "model.safetensors.index.json")
        #expect(throws: CheckpointError.self) { try Checkpoint.open(directory.url.path) }
    }

    @Test("a directory without a model, and what is no file, are clear errors")
    func places() throws {
        try directory.write(Array("{}".utf8), "tokenizer.json")
        let error = try #require(throws: CheckpointError.self) { try Checkpoint.open(directory.url.path) }
        #expect("\(error)".contains("there is no config.json"))
        #expect(throws: CheckpointError.self) { try Checkpoint.open(directory.file("absent")) }
        #expect(throws: CheckpointError.self) { try Checkpoint.open("/dev/null") }
        #expect(throws: CheckpointError.self) { try Checkpoint.open(directory.file("tokenizer.json")) }
    }

    @Test("published samples open", .enabled(if: SharedData.root != nil, "needs ../shared/data"))
    func samples() throws {
        let samples = try #require(SharedData.file("weights/safetensors-samples"))
        let names = try FileManager.default.contentsOfDirectory(atPath: samples.path)
        for name in names where name.hasSuffix(".safetensors") {
            let checkpoint = try Checkpoint.open(samples.appendingPathComponent(name).path)
            #expect(!checkpoint.tensors.isEmpty)
        }
        let sharded = try #require(SharedData.file("weights/tiny-random/deepseek-v2-lite"))
        #expect(try Checkpoint.open(sharded.path).files.count == 6)
        let fp8 = try Checkpoint.open(try #require(SharedData.file("weights/tiny-random/deepseek-v3-fp8")).path)
        let weight = try fp8.tensor("model.layers.0.mlp.down_proj.weight")
        #expect(weight.format == .f8_E4M3 && weight.blockScale != nil)
        #expect(fp8.tensors["model.layers.0.mlp.down_proj.weight_scale_inv"] == nil)
    }
}
