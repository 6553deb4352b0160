import Foundation
import HadalCheckpoint
import Testing

@Suite struct TensorTests {
    static func ramp(_ count: Int) -> [Float] { (0..<count).map { Float($0) } }

    @Test("a slice holds the rows asked for")
    func rows() throws {
        let matrix = try Tensor(name: "w", shape: [4, 3], values: Self.ramp(12))
        let part = try matrix.slice(1..<3)
        #expect(part.shape == [2, 3])
        #expect(part.dequantized() == [3, 4, 5, 6, 7, 8])
        #expect(try matrix.slice(2).shape == [3])
        #expect(throws: CheckpointError.self) { try matrix.slice(3..<5) }
        #expect(throws: CheckpointError.self) { try matrix.slice(4) }
    }

    @Test("an expert of a stacked tensor is a matrix")
    func expert() throws {
        let experts = try Tensor(name: "experts", shape: [2, 3, 4], values: Self.ramp(24))
        let second = try experts.slice(1)
        #expect(second.shape == [3, 4])
        #expect(second.dequantized() == Self.ramp(24).suffix(12))
        #expect(try experts.reshaped([6, 4]).slice(3..<6).dequantized() == second.dequantized())
        #expect(throws: CheckpointError.self) { try experts.reshaped([5, 5]) }
    }

    @Test("a quantized row is never cut")
    func quantizedRows() throws {
        let bytes = try Quantizer.quantize(Self.ramp(128), as: .q8_0)
        let matrix = try Tensor(name: "w", format: .q8_0, shape: [2, 64], bytes: bytes)
        #expect(matrix.bytesPerRow == 68)
        #expect(try matrix.slice(1..<2).data.count == 68)
        #expect(throws: CheckpointError.self) { try matrix.reshaped([8, 16]) }
        #expect(throws: CheckpointError.self) { try matrix.reshaped([128]).slice(16..<48) }
        #expect(throws: CheckpointError.self) { try Tensor(name: "w", format: .q8_0, shape: [33], bytes: bytes) }
        var rows = [Float](repeating: 0, count: 64)
        rows.withUnsafeMutableBufferPointer { matrix.dequantize(rows: 1..<2, into: $0.baseAddress!) }
        #expect(rows == Array(matrix.dequantized()[64...]))
    }

    @Test("FP8 blocks are multiplied by their factors, ragged edges and slices included")
    func blockScale() throws {
        // 0x38 is 1 in e4m3.
        let (rows, columns) = (300, 200)
        let file = MappedFile(copying: [UInt8](repeating: 0x38, count: rows * columns))
        let scale = Tensor.BlockScale(rows: 3, columns: 2, values: [1, 2, 3, 4, 5, 6])
        let weight = try Tensor(
            name: "w", format: .f8_E4M3, shape: [rows, columns], data: file.bytes, file: file, blockScale: scale)
        func expected(_ row: Int, _ column: Int) -> Float { Float(row / 128 * 2 + column / 128 + 1) }
        let values = weight.dequantized()
        for row in [0, 127, 128, 255, 256, 299] {
            for column in [0, 127, 128, 199] { #expect(values[row * columns + column] == expected(row, column)) }
        }
        let part = try weight.slice(128..<300)
        #expect(part.dequantized() == Array(values[(128 * columns)...]))
        #expect(throws: CheckpointError.self) { try weight.slice(64..<128) }
        #expect(throws: CheckpointError.self) {
            try Tensor(
                name: "w", format: .f8_E4M3, shape: [rows, columns], data: file.bytes, file: file,
                blockScale: .init(rows: 2, columns: 2, values: [1, 2, 3, 4]))
        }
        let stacked = try Tensor(
            name: "e", format: .f8_E4M3, shape: [3, 100, columns], data: file.bytes, file: file, blockScale: scale)
        #expect(try stacked.slice(2).dequantized() == Array(stacked.dequantized()[(200 * columns)...]))
        #expect(try stacked.slice(2).dequantized().first == 5)
    }

    @Test("a shape whose size overflows is refused, also behind a zero")
    func overflow() {
        let (big, empty) = (1 << 40, [UInt8]())
        #expect(throws: CheckpointError.self) { try Tensor(name: "w", format: .f32, shape: [big, big], bytes: empty) }
        #expect(throws: CheckpointError.self) {
            try Tensor(name: "w", format: .f32, shape: [0, big, big], bytes: empty)
        }
        #expect(throws: CheckpointError.self) { try Tensor(name: "w", format: .f32, shape: [-1], bytes: empty) }
        #expect(throws: Never.self) { try Tensor(name: "w", format: .f32, shape: [0, 7], bytes: empty) }
    }

    @Test("data outside the file is refused")
    func foreignData() throws {
        let (one, other) = (MappedFile(copying: [0, 0, 0, 0]), MappedFile(copying: [0, 0, 0, 0]))
        #expect(throws: CheckpointError.self) {
            try Tensor(name: "w", format: .f32, shape: [1], data: one.bytes, file: other)
        }
    }
}
